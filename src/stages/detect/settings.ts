import { choice, decimal, group, integer, list, table, text, type ValueOf } from '../../contract/settings.ts';
import { ruleNames } from './rules/rule.ts';

const sensors = { about: 'The sensors that are watched, each by itself.', min: 1 } as const;
const rules = { about: 'The rules that watch them.', min: 1 } as const;
const res = { about: 'The smallest change that matters, in the units of the sensor.', min: 1e-12 } as const;
const settleRows = {
  about: 'So many rows after the start of a stream no alarm is given, and all is learned.',
  min: 1,
  max: 100_000,
} as const;
const shapeRows = {
  about: 'Rows of a mean in `unusual-shape`: with 8 it costs a fifth, and finds a little less.',
} as const;
const factor = (rule: string, what: string) =>
  ({ about: `${rule} alarms at so many times ${what} of the last 2,560 quiet rows.`, min: 1, max: 1_000 }) as const;
const busyFactor = factor('`too-busy`', 'the most movement');
const quietFactor = factor('`too-quiet`', 'the most stillness');
const shapeFactor = factor('`unusual-shape`', 'the largest distance');
const errorFactor = factor('`model-error`', 'the largest error');

/** For one entity; what is left out is as for all. */
const own = group(
  {
    sensors: list(text({ about: 'A sensor.' }), { ...sensors, optional: true }),
    rules: list(choice(ruleNames, { about: 'A rule.' }), { ...rules, optional: true }),
    res: decimal({ ...res, optional: true }),
    settleRows: integer({ ...settleRows, optional: true }),
    shapeRows: choice(['4', '8'], { ...shapeRows, optional: true }),
    busyFactor: decimal({ ...busyFactor, optional: true }),
    quietFactor: decimal({ ...quietFactor, optional: true }),
    shapeFactor: decimal({ ...shapeFactor, optional: true }),
    errorFactor: decimal({ ...errorFactor, optional: true }),
  },
  { about: 'What is different for this entity.' },
);

export const settings = group(
  {
    sensors: list(text({ about: 'A sensor.' }), sensors),
    rules: list(choice(ruleNames, { about: 'A rule.' }), { ...rules, fallback: [...ruleNames] }),
    res: decimal({ ...res, fallback: 0.01 }),
    settleRows: integer({ ...settleRows, fallback: 250 }),
    shapeRows: choice(['4', '8'], { ...shapeRows, fallback: '4' }),
    busyFactor: decimal({ ...busyFactor, fallback: 1.3 }),
    quietFactor: decimal({ ...quietFactor, fallback: 1.4 }),
    shapeFactor: decimal({ ...shapeFactor, fallback: 1.4 }),
    errorFactor: decimal({ ...errorFactor, fallback: 1.6 }),
    entities: table(own, {
      about: 'What is different for single entities, each by `satellite/entity`.',
      keys: { matches: '[^/]+/[^/]+', says: 'satellite/entity' },
      fallback: {},
    }),
  },
  { about: 'What is watched, and when it is an anomaly.' },
);

export type Settings = ValueOf<typeof settings>;

/** As they hold for one entity. */
export type EntitySettings = Omit<Settings, 'entities'>;

export function settingsFor({ entities, ...all }: Settings, entity: string): EntitySettings {
  const different = Object.entries(entities[entity] ?? {}).filter(([, value]) => value !== undefined);
  return { ...all, ...Object.fromEntries(different) };
}
