import { keyOf, type Anomaly, type Told } from './told.ts';

export interface AnomalyFilter {
  /** As records are keyed. */
  readonly entities: readonly string[] | undefined;
  readonly open: boolean | undefined;
  /** Those that were on then or later, in milliseconds since 1970. */
  readonly since: number | undefined;
}

/** What the last record of each anomaly says, of those that are asked for; the one that began last comes first. */
export async function newest(
  all: AsyncIterable<Told> | Iterable<Told>,
  filter: AnomalyFilter,
): Promise<readonly Anomaly[]> {
  const last = new Map<string, Anomaly>();
  // What the rules knew before is long, and nobody lists it.
  for await (const { anomaly } of all) last.set(anomaly.id, { ...anomaly, state_before: null });
  return [...last.values()].filter((one) => isAsked(one, filter)).sort(lastBegunFirst);
}

export const isOpen = ({ phase }: Anomaly): boolean => phase !== 'closed';

const isAsked = (one: Anomaly, { entities, open, since }: AnomalyFilter): boolean =>
  (entities === undefined || entities.includes(keyOf(one))) &&
  (open !== true || isOpen(one)) &&
  (since === undefined || isOpen(one) || one.end_time >= since);

const lastBegunFirst = (a: Anomaly, b: Anomaly): number => b.begin_time - a.begin_time || (a.id < b.id ? -1 : 1);
