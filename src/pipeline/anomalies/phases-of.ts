import { closest } from '../../config/closest.ts';
import { DownlinkError } from '../../errors.ts';
import type { Told } from './told.ts';

/** What was told of one anomaly, in order. Where it was found again from the start, what was told the last time. */
export async function phasesOf(
  id: string,
  all: AsyncIterable<Told> | Iterable<Told>,
): Promise<readonly [Told, ...Told[]]> {
  const known = new Set<string>();
  let phases: readonly Told[] = [];
  for await (const one of all) {
    known.add(one.anomaly.id);
    if (one.anomaly.id === id) phases = one.anomaly.phase === 'opened' ? [one] : [...phases, one];
  }
  const [first, ...more] = phases;
  if (first !== undefined) return [first, ...more];
  const near = closest(id, [...known]);
  const meant = near === undefined ? '' : `did you mean \`${near}\`? `;
  throw new DownlinkError('config-invalid', `there is no anomaly ${id}; ${meant}\`anomalies ls\` shows all`);
}
