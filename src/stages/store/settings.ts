import { choice, group, integer, type ValueOf } from '../../contract/settings.ts';

export const settings = group(
  {
    retentionDays: integer({
      about: 'How many days rows are kept, by their own time; 0 for ever. What is older when it comes is left out.',
      min: 0,
      max: 36_500,
      fallback: 30,
    }),
    partitionBy: choice(['day', 'month'], {
      about: 'How much time a partition of a table holds; old rows go a partition at a time.',
      fallback: 'day',
    }),
  },
  { about: 'How long rows are kept.', fallback: {} },
);

export type Settings = ValueOf<typeof settings>;
