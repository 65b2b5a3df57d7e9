import type { Source } from './source.ts';

/** A source that begins again after its end, for ever. */
export function looped(source: Source): Source {
  const read: Source['read'] = async (from, count) => {
    const parts = [];
    for (let at = from; at < from + count;) {
      const within = at % source.rows;
      const part = await source.read(within, Math.min(from + count - at, source.rows - within));
      parts.push(part);
      at += part.values.length / source.columns;
    }
    const values = new Float32Array(count * source.columns);
    let filled = 0;
    for (const part of parts) {
      values.set(part.values, filled);
      filled += part.values.length;
    }
    const isLabelled = parts.every(({ labels }) => labels !== null);
    return { values, labels: isLabelled ? parts.flatMap(({ labels }) => labels ?? []) : null };
  };
  return { ...source, rows: Infinity, read };
}
