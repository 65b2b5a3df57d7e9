import type { Records } from '../../contract/index.ts';

type Samples = Records['samples'];

const widthOf = ({ values, timestamps }: Samples): number => values.length / timestamps.length;

/** Numbered and not, or of different widths, two records stay two. */
export const joins = (a: Samples, b: Samples): boolean =>
  (a.indices === null) === (b.indices === null) && widthOf(a) === widthOf(b);

/** Of one entity, one after the other. */
export function joined(run: readonly [Samples, ...Samples[]]): Samples {
  const [first] = run;
  if (run.length === 1) return first;
  const values = new Float32Array(run.reduce((sum, one) => sum + one.values.length, 0));
  const timestamps: number[] = [];
  const indices: number[] = [];
  let at = 0;
  for (const one of run) {
    values.set(one.values, at);
    at += one.values.length;
    for (const timestamp of one.timestamps) timestamps.push(timestamp);
    for (const index of one.indices ?? []) indices.push(index);
  }
  return { ...first, timestamps, indices: first.indices === null ? null : indices, values };
}

/** Pieces of at most so many samples, as few as can be. */
export function* cut(whole: Samples, most: number): Generator<Samples> {
  const [count, width] = [whole.timestamps.length, widthOf(whole)];
  if (count <= most) {
    yield whole;
    return;
  }
  for (let from = 0; from < count; from += most) {
    const to = from + most;
    yield {
      ...whole,
      timestamps: whole.timestamps.slice(from, to),
      indices: whole.indices?.slice(from, to) ?? null,
      // A view is enough: it is encoded before anything else sees it.
      values: whole.values.subarray(from * width, to * width),
    };
  }
}
