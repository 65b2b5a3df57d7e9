import { readFileSync } from 'node:fs';
import { DownlinkError } from '../../errors.ts';

/** The series in a file, or in what is piped in: JSON, the numbers alone or what was submitted with them. */
export function seriesIn(file: string): readonly number[] {
  const place = file === '-' ? 'standard input' : file;
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? (thrown as Error).message;
    throw unusable(place, `it cannot be read (${why})`);
  }
  const data = Array.isArray(found) ? (found as unknown[]) : (found as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw unusable(place, 'it holds no series; write [1.2, 2.3, ...] or {"data": [...]}');
  const wrong = data.findIndex((value) => typeof value !== 'number');
  if (wrong >= 0) throw unusable(place, `[${wrong}] is ${JSON.stringify(data[wrong])}, and no number`);
  return data as readonly number[];
}

const unusable = (place: string, what: string): DownlinkError =>
  new DownlinkError('telemetry-unusable', `--data ${place}: ${what}`);
