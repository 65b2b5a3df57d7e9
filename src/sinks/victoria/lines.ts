import type { Series, SeriesBlock } from '../../contract/index.ts';
import { longestNumber, writeFloat32 } from './float32-text.ts';

const comma = 0x2c;

/** Blocks as bodies of /api/v1/import: a line of JSON for each series, with all its values. */
export interface Lines {
  /**
   * Bodies of at least so many bytes, but for the last. The memory of a body is used again for the one after the next: whoever
   * takes a third has to be done with the first.
   */
  bodies(blocks: Iterable<SeriesBlock>): Generator<Body>;
}

export interface Body {
  readonly bytes: Buffer;
  /** How many values are in it. */
  readonly values: number;
}

export function openLines(bodyBytes: number): Lines {
  const one = new WeakMap<Series, Buffer>();
  const all = new WeakMap<readonly Series[], readonly Buffer[]>();
  const headOf = (series: Series): Buffer => {
    let head = one.get(series);
    if (head === undefined) one.set(series, (head = headText(series)));
    return head;
  };
  const headsOf = (series: readonly Series[]): readonly Buffer[] => {
    let heads = all.get(series);
    if (heads === undefined) all.set(series, (heads = series.map(headOf)));
    return heads;
  };
  const memories = [Buffer.allocUnsafeSlow(bodyBytes), Buffer.allocUnsafeSlow(bodyBytes)] as [Buffer, Buffer];

  function* bodies(blocks: Iterable<SeriesBlock>): Generator<Body> {
    let which: 0 | 1 = 0;
    let [at, values] = [0, 0];
    for (const { series, timestamps, numbers } of blocks) {
      const tail = tailOf(timestamps);
      const count = timestamps.length;
      let first = -count;
      for (const head of headsOf(series)) {
        first += count;
        const room = head.length + count * (longestNumber + 1) + tail.length;
        const out = (memories[which] = enlarged(memories[which], at, at + room));
        const begin = at;
        const past = first + count;
        out.set(head, at);
        at += head.length;
        const missing = countMissing(numbers, first, past);
        for (let index = first; index < past; index++) {
          const number = numbers[index] ?? NaN;
          if (missing > 0 && !Number.isFinite(number)) continue;
          at = writeFloat32(number, out, at);
          out[at++] = comma;
        }
        if (missing === count) {
          at = begin;
          continue;
        }
        // The last comma is written over.
        at -= 1;
        const own = missing === 0 ? tail : tailOf(present(timestamps, numbers, first));
        out.set(own, at);
        at += own.length;
        values += count - missing;
        if (at < bodyBytes) continue;
        yield { bytes: out.subarray(0, at), values };
        which = which === 0 ? 1 : 0;
        [at, values] = [0, 0];
      }
    }
    if (at > 0) yield { bytes: memories[which].subarray(0, at), values };
  }
  return { bodies };
}

function headText({ metric, labels }: Series): Buffer {
  return Buffer.from(`{"metric":${JSON.stringify({ __name__: metric.name, ...labels })},"values":[`);
}

const tailOf = (timestamps: readonly number[]): Buffer => Buffer.from(`],"timestamps":[${timestamps.join(',')}]}\n`);

function enlarged(memory: Buffer, used: number, needed: number): Buffer {
  if (needed <= memory.length) return memory;
  const larger = Buffer.allocUnsafeSlow(needed + (needed >> 2));
  memory.copy(larger, 0, 0, used);
  return larger;
}

/** How many are not there. */
function countMissing(numbers: Float32Array, first: number, past: number): number {
  let missing = 0;
  for (let index = first; index < past; index++) if (!Number.isFinite(numbers[index])) missing += 1;
  return missing;
}

const present = (timestamps: readonly number[], numbers: Float32Array, first: number): readonly number[] =>
  timestamps.filter((_, sample) => Number.isFinite(numbers[first + sample]));
