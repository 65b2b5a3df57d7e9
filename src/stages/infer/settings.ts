import { choice, group, integer, type ValueOf } from '../../contract/settings.ts';

export const settings = group(
  {
    late: choice(['dead-letter', 'drop'], {
      about: 'What happens to a sample whose successors are scored already.',
      fallback: 'dead-letter',
    }),
    warmingSamples: integer({
      about: 'How many samples are marked as warming where an entity starts with weights that have no history yet.',
      min: 0,
      fallback: 64,
    }),
    requestTimeoutMs: integer({
      about: 'After this long without an answer the sequence is opened again from the last checkpoint.',
      min: 10,
      fallback: 5000,
    }),
  },
  { about: 'How samples are scored.', fallback: {} },
);

export type Settings = ValueOf<typeof settings>;
