/** What stands there more than once: Kafka refuses it, as it could not say which of them is meant. */
export function repeated<T>(all: readonly T[]): ReadonlySet<T> {
  const seen = new Set<T>();
  return new Set(all.filter((one) => seen.size === seen.add(one).size));
}
