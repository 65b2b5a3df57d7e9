import { flag, group, integer, table, type ValueOf } from '../../contract/settings.ts';

const jobs = { about: 'The most jobs of one model in one call to the inference server.', min: 1, max: 1024 };
const wait = { about: 'How long the first job of a batch waits, unless the batch is full.', min: 0, max: 60_000 };

const model = group(
  {
    apart: flag({
      about:
        'It has stage instances of its own, a consumer group beside the others: what it takes nobody else waits for.',
      fallback: false,
    }),
    maxJobs: integer({ ...jobs, optional: true }),
    maxWaitMs: integer({ ...wait, about: `${wait.about} Only of a model that is apart.`, optional: true }),
  },
  {
    about: 'One model; left empty it has what stands above.',
    rules: [
      {
        key: 'maxWaitMs',
        says: 'needs `apart: true`: models that share an instance wait together',
        holds: ({ apart, maxWaitMs }) => maxWaitMs === undefined || apart === true,
      },
    ],
  },
);

export const settings = group(
  {
    models: table(model, {
      about: 'The models that jobs may name, as their folders in the model repository are called.',
      keys: {
        matches: '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}',
        says: 'letters, digits, dots, underscores and hyphens, at most 100',
      },
      min: 1,
    }),
    maxJobs: integer({ ...jobs, fallback: 8 }),
    maxWaitMs: integer({ ...wait, fallback: 10 }),
    requestTimeoutMs: integer({
      about: 'After this long without an answer the same jobs are asked again.',
      min: 10,
      fallback: 10_000,
    }),
  },
  { about: 'Which models answer jobs, and how many at a time.' },
);

export interface Settings extends ValueOf<typeof settings> {
  /** Of an instance of its own: the one model whose jobs it takes. */
  readonly alone?: string;
}

/** The instances of the models that stand apart. */
export const instancesOf = (all: Settings): ReadonlyMap<string, Settings> =>
  new Map(
    Object.entries(all.models).flatMap(([name, { apart, maxWaitMs = all.maxWaitMs }]) =>
      apart ? [[name, { ...all, alone: name, maxWaitMs }] as const] : [],
    ),
  );

/** Whether an instance takes the jobs of a model; one that the topology does not name is the shared one's to refuse. */
export const takes = ({ alone, models }: Settings, model: string): boolean =>
  alone === undefined ? models[model]?.apart !== true : alone === model;

/** How many jobs of a model go in one call. */
export const maxJobsOf = ({ models, maxJobs }: Settings, model: string): number => models[model]?.maxJobs ?? maxJobs;

/** Of the key of a job: it can be told without reading the job. */
const modelIn = (key: string | null): string => key?.slice(0, key.lastIndexOf('/')) ?? '';

/** A batch of some model is full: it need not wait for the others. */
export function isFull(settings: Settings, keys: Iterable<string | null>): boolean {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const model = modelIn(key);
    const count = (counts.get(model) ?? 0) + 1;
    counts.set(model, count);
    if (takes(settings, model) && count >= maxJobsOf(settings, model)) return true;
  }
  return false;
}
