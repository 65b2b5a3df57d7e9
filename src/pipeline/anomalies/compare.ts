import type { FleetEntity } from '../../contract/index.ts';
import type { Settings } from '../../stages/detect/settings.ts';
import { changedFactor } from './changed-factor.ts';
import { differences, type Difference } from './differences.ts';
import { recompute, type Impossible, type Recomputed } from './recompute.ts';
import type { ScoresAt } from './scores-between.ts';
import { keyOf, type Anomaly } from './told.ts';

export interface Comparing {
  readonly entity: FleetEntity;
  /** Of the stage that watches. */
  readonly settings: Settings;
  /** Those that it was judged by, from the first on. */
  readonly records: () => AsyncIterable<ScoresAt> | Iterable<ScoresAt>;
}

export interface Compared extends Recomputed {
  readonly differences: readonly Difference[];
  /** Why there are some; undefined where there are none. */
  readonly because: string | undefined;
}

export type Explanation = Compared | Impossible;

/** What was told of an anomaly beside what its scores come to once more: it must be the same, to the bit. */
export async function compare(
  recorded: readonly [Anomaly, ...Anomaly[]],
  { entity, settings, records }: Comparing,
): Promise<Explanation> {
  const [opened] = recorded;
  const last = recorded.at(-1) ?? opened;
  const under = (all: Settings) => recompute({ opened, last, entity, settings: all, records: records() });
  const again = await under(settings);
  if ('cannot' in again) return again;
  const found = differences(recorded, again.told);
  if (found.length === 0) return { ...again, differences: found, because: undefined };

  const changed = changedFactor(opened, again.seen);
  if (changed !== undefined) {
    const { setting, then, now } = changed;
    const before = await under(withOwn(settings, keyOf(opened), { [setting]: then }));
    // Only what explains all of it is said to be the reason.
    if (!('cannot' in before) && differences(recorded, before.told).length === 0) {
      const because = `with the ${setting} ${then} it does; in the topology it is ${now} now`;
      return { ...again, differences: found, because };
    }
  }
  return { ...again, differences: found, because: unknownReason(opened, again) };
}

const withOwn = (settings: Settings, key: string, own: object): Settings => ({
  ...settings,
  entities: { ...settings.entities, [key]: { ...settings.entities[key], ...own } as Settings['entities'][string] },
});

const unknownReason = ({ begin_index }: Anomaly, { told }: Recomputed): string =>
  (told.length === 0 ? `nothing begins from row ${begin_index} on; ` : '') +
  'its scores, the rules or their settings are others than they were, or what the rules knew was replaced while it was open';
