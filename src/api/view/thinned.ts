/**
 * At most so many places of a series, in order: of each stretch of it the lowest and the highest, so that what stands out is
 * still there. The first and the last stay as well.
 */
export function thinned(
  places: readonly number[],
  valueAt: (place: number) => number,
  most: number,
): readonly number[] {
  if (places.length <= most) return places;
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const kept = new Set<number>([places[0] ?? 0, places.at(-1) ?? 0]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * places.length) / stretches);
    const to = Math.floor(((stretch + 1) * places.length) / stretches);
    let [low, high] = [places[from] ?? 0, places[from] ?? 0];
    for (const place of places.slice(from, to)) {
      if (valueAt(place) < valueAt(low)) low = place;
      if (valueAt(place) > valueAt(high)) high = place;
    }
    kept.add(low).add(high);
  }
  return places.filter((place) => kept.has(place));
}
