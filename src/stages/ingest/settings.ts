import { group, integer, type ValueOf } from '../../contract/settings.ts';

export const settings = group(
  {
    maxAgeDays: integer({
      about: 'How far a timestamp may lie before the time at which Kafka received the record.',
      min: 1,
      fallback: 400,
    }),
    maxAheadSeconds: integer({
      about: 'How far a timestamp may lie after the time at which Kafka received the record.',
      min: 0,
      fallback: 300,
    }),
  },
  { about: 'Which telemetry is let in.', fallback: {} },
);

export type Settings = ValueOf<typeof settings>;
