import { group, integer, type ValueOf } from '../../contract/settings.ts';

export const settings = group(
  {
    maxSamples: integer({
      about: 'The most samples that one record holds while the stage keeps up.',
      min: 1,
      max: 4096,
      fallback: 8,
    }),
    maxBacklogSamples: integer({
      about: 'The most samples that one record holds while the stage is behind, when throughput is what helps latency.',
      min: 1,
      max: 4096,
      fallback: 64,
    }),
  },
  {
    about: 'How large micro-batches become.',
    fallback: {},
    rules: [
      {
        key: 'maxBacklogSamples',
        says: 'must not be less than maxSamples',
        holds: ({ maxSamples, maxBacklogSamples }) => Number(maxBacklogSamples) >= Number(maxSamples),
      },
    ],
  },
);

export type Settings = ValueOf<typeof settings>;
