import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DownlinkError } from '../errors.ts';

/** How far a replay came: what `--resume` goes on from. */
export interface Progress {
  /** What is replayed, and how; another replay is not gone on with. */
  readonly replay: Readonly<Record<string, string>>;
  /** The time of row 0: rows keep the times that they would have had. */
  readonly start: number;
  /** By entity how many rows were acknowledged. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Whole or not at all: a replay that dies over it leaves the one before. */
export function writeProgress(file: string, progress: Progress): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(progress, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Writes down how far it came, at most once a second. */
export function keepProgress(file: string, { replay, start }: Omit<Progress, 'rows'>) {
  let last = 0;
  let newest: ReadonlyMap<string, number> | undefined;
  const now = (): void => {
    if (newest !== undefined) writeProgress(file, { replay, start, rows: Object.fromEntries(newest) });
    last = performance.now();
  };
  const keep = (rows: ReadonlyMap<string, number>): void => {
    newest = rows;
    if (performance.now() - last >= 1_000) now();
  };
  return Object.assign(keep, { now });
}

/** Of the same replay; undefined where there is none. */
export function progressIn(file: string, replay: Progress['replay']): Progress | undefined {
  return existsSync(file) ? readProgress(file, replay) : undefined;
}

export function readProgress(file: string, replay: Progress['replay']): Progress {
  const found = parsed(file);
  const other = Object.keys({ ...replay, ...found.replay }).filter((key) => replay[key] !== found.replay[key]);
  if (other.length === 0) return found;
  const said = other.map(
    (key) => `${key} was ${found.replay[key] ?? 'not given'}, and is ${replay[key] ?? 'not given'}`,
  );
  throw new DownlinkError('telemetry-unusable', `${file} is of another replay: ${said.join('; ')}`);
}

function parsed(file: string): Progress {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Progress> | null;
    if (found?.replay !== undefined && typeof found.start === 'number' && found.rows !== undefined)
      return found as Progress;
    throw new Error('it does not say how far a replay came');
  } catch (thrown) {
    const why = `nothing to go on from: ${file}: ${(thrown as Error).message}; leave --resume out to begin anew`;
    throw new DownlinkError('telemetry-unusable', why, { cause: thrown });
  }
}
