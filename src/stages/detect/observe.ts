import type { FleetEntity, Records } from '../../contract/index.ts';
import { openDetector } from './detector.ts';
import { rowOf } from './row-of.ts';
import type { Row, RuleName } from './rules/rule.ts';
import { settingsFor, type EntitySettings, type Settings } from './settings.ts';

type Scores = Records['scores'];

/** What a rule made of one row of one sensor. */
export interface Sight {
  readonly sensor: string;
  readonly value: number;
  readonly error: number;
  readonly rule: RuleName;
  /** How the value stands to the reference; undefined where nothing is compared: it learns, or its mean is not complete. */
  readonly ratio: number | undefined;
  /** It alarms above so many times the reference, by this setting. */
  readonly factor: number;
  readonly setting: (typeof factors)[RuleName];
  readonly alarms: boolean;
}

/** The rules on one entity by themselves, from what they knew before a row: nothing begins, ends or is told. */
export interface Observer {
  /** The next sample; undefined where the rules are not shown it. What they saw of it is said where somebody looks. */
  step(scores: Scores, sample: number, looks: boolean): readonly Sight[] | undefined;
  save(): Buffer;
}

const factors = {
  'too-busy': 'busyFactor',
  'too-quiet': 'quietFactor',
  'unusual-shape': 'shapeFactor',
  'model-error': 'errorFactor',
} as const satisfies Readonly<Record<RuleName, keyof EntitySettings>>;

// Under every value: with them each rule that compares says how what it sees stands to its reference.
const below = { busyFactor: -1, quietFactor: -1, shapeFactor: -1, errorFactor: -1 };

/** Goes on from a saved state; refused where rules cannot read it, which `restore` passes over. */
export function observe(
  key: string,
  { sensors }: FleetEntity,
  all: Settings,
  state: Uint8Array,
): Observer | { readonly unfit: string } {
  const settings = settingsFor(all, key);
  const gone = settings.sensors.filter((sensor) => !sensors.includes(sensor));
  if (gone.length > 0) return { unfit: `${key} has no sensor ${gone.join(', ')} in the topology` };
  const detector = openDetector(settings);
  detector.restore(state);
  const own = detector.save();
  if (own[0] !== state[0]) {
    return {
      unfit: `the state before it is of version ${state[0] ?? 'none'}, and this downlink reads ${own[0] ?? 'none'}`,
    };
  }
  if (!own.equals(state)) {
    return {
      unfit: `the state before it is of other rules, sensors, \`res\` or \`shapeRows\` than the topology has for ${key} now`,
    };
  }
  const places = settings.sensors.map((sensor) => sensors.indexOf(sensor));
  const teller = openDetector({ ...settings, ...below });
  let last = -1;

  const look = (row: readonly Row[]): ReadonlyMap<string, number> => {
    teller.restore(detector.save());
    return new Map(teller.judge(row).map(({ sensor, rule, alarm }) => [`${sensor} ${rule}`, alarm.ratio]));
  };
  return {
    step: (scores, sample, looks) => {
      const row = rowOf(scores, sample, places, sensors.length);
      const index = scores.indices[sample] ?? -1;
      if (index <= last || !row.every(({ value, error }) => Number.isFinite(value) && Number.isFinite(error)))
        return undefined;
      last = index;
      const ratios = looks ? look(row) : undefined;
      const alarms = new Set(detector.judge(row).map(({ sensor, rule }) => `${sensor} ${rule}`));
      if (ratios === undefined) return [];
      return settings.sensors.flatMap((sensor, at) =>
        settings.rules.map((rule): Sight => {
          const [name, { value, error }] = [`${sensor} ${rule}`, row[at] ?? { value: NaN, error: NaN }];
          const setting = factors[rule];
          const said = { ratio: ratios.get(name), factor: settings[setting], setting, alarms: alarms.has(name) };
          return { sensor, value, error, rule, ...said };
        }),
      );
    },
    save: () => detector.save(),
  };
}
