import { createHash, type Hash } from 'node:crypto';
import type { Records } from '../contract/index.ts';
import type { Clock } from '../runner/clock.ts';
import type { Rows, Source } from './source.ts';

type Telemetry = Records['telemetry'];
type TelemetryBlock = Records['telemetry-block'];

/** What is published at one time: in the order in which it was measured. */
export interface Portion {
  readonly records: readonly { readonly key: string; readonly value: Telemetry | TelemetryBlock }[];
}

export interface Played {
  readonly satellite: string;
  readonly entity: string;
  readonly source: Source;
  /** So many of its rows were acknowledged before: they are read for their hash, and not sent. */
  readonly before: number;
}

export interface PlayOptions {
  readonly played: readonly Played[];
  /** The time of row 0, in milliseconds. */
  readonly start: number;
  readonly intervalMs: number;
  /** How much faster than it was measured; Infinity: as fast as it is taken. */
  readonly speed: number;
  /** So much of it is due already when it begins, and comes as fast as it is taken. */
  readonly behindMs?: number;
  /** How many samples a record holds; single samples have a schema of their own. */
  readonly block: number;
  readonly clock: Clock;
  /** Resolves when it is acknowledged. Portions are handed over in order, the next while the last is under way. */
  readonly publish: (portion: Portion) => Promise<void>;
  /** By entity how many rows were acknowledged, each time that some were. */
  readonly acknowledged: (rows: ReadonlyMap<string, number>) => void;
  readonly signal: AbortSignal;
}

export interface Sent {
  readonly key: string;
  /** Acknowledged, those before counted in. */
  readonly rows: number;
  readonly labelled: number;
  /** SHA-256 over index (int64), timestamp (int64) and values (float32) of each row, little-endian. */
  readonly sha256: string;
}

/** Of one entity; a portion holds about as many samples as one request to a broker carries well. */
const samplesAtOnce = 2_000;

/**
 * Plays rows of all entities against one virtual clock: row after row, in each the entities in turn, so that what was
 * measured first is sent first. Ends after the last row, or when it is told to; what was handed over by then is
 * waited for.
 */
export async function play(options: PlayOptions): Promise<readonly Sent[]> {
  const { played, intervalMs, speed, behindMs = 0, block, clock, publish, signal } = options;
  const tracks = played.map((one) => trackOf(one, options));
  const most = Math.max(0, ...played.map(({ source }) => source.rows));
  const began = clock.now() - behindMs / speed;
  // Rows that are only read again take no time of the virtual clock.
  const first = Math.min(...played.map(({ before }) => before));
  const perPortion = Math.max(block, Math.ceil(samplesAtOnce / Math.max(1, played.length) / block) * block);
  let underWay: Promise<void> = Promise.resolve();
  let row = 0;
  const isOver = (): boolean => signal.aborted;
  while (row < most && !isOver()) {
    let until = row + perPortion;
    if (row >= first && speed !== Infinity) {
      // A block is complete, and is sent, at the time of its last sample.
      const dueAt = (rows: number) => began + ((Math.min(most, rows) - 1 - first) * intervalMs) / speed;
      await clock.sleep(dueAt(row + block) - clock.now(), signal);
      if (isOver()) break;
      until = row + block;
      while (until < Math.min(most, row + perPortion) && dueAt(until + block) <= clock.now()) until += block;
    }
    until = Math.min(most, until);
    const pieces = await Promise.all(tracks.map((track) => track.next(row, until)));
    row = until;
    const records = inOrder(pieces);
    await underWay;
    if (records.length === 0) continue;
    underWay = publish({ records }).then(() => {
      for (const piece of pieces) piece.acknowledged();
      options.acknowledged(new Map(tracks.map(({ key, acknowledged }) => [key, acknowledged()])));
    });
    // It is waited for in the next round; a failure until then is no unhandled one.
    underWay.catch(() => undefined);
  }
  await underWay;
  return tracks.map(({ sent }) => sent());
}

interface Piece {
  readonly records: Portion['records'];
  readonly acknowledged: () => void;
}

interface Track {
  readonly next: (from: number, to: number) => Promise<Piece>;
  readonly key: string;
  /** How many rows, those before counted in. */
  readonly acknowledged: () => number;
  readonly sent: () => Sent;
}

function trackOf({ satellite, entity, source, before }: Played, options: PlayOptions): Track {
  const key = `${satellite}/${entity}`;
  const named = { satellite_id: satellite, entity };
  const hash = createHash('sha256');
  let [rows, labelled] = [0, 0];
  const timeOf = (row: number): number => options.start + row * options.intervalMs;
  const next = async (from: number, to: number): Promise<Piece> => {
    const read = await source.read(from, Math.min(to, source.rows) - from);
    const count = read.values.length / source.columns;
    const skipped = Math.max(0, Math.min(count, before - from));
    const records: Portion['records'][number][] = [];
    for (let at = skipped; at < count; at += options.block) {
      const end = Math.min(count, at + options.block);
      records.push({
        key,
        value: { ...named, ...valueOf(read, source.columns, from, at, end, timeOf, options.block) },
      });
    }
    const acknowledged = (): void => {
      addTo(hash, read, source.columns, from, timeOf);
      labelled += read.labels?.filter((kinds) => kinds.length > 0).length ?? 0;
      rows = from + count;
    };
    // Nothing of it is to be sent any more.
    if (records.length === 0 && count > 0) acknowledged();
    return { records, acknowledged: records.length === 0 ? () => undefined : acknowledged };
  };
  return {
    next,
    key,
    acknowledged: () => rows,
    sent: () => ({ key, rows, labelled, sha256: hash.copy().digest('hex') }),
  };
}

type Value = Omit<Telemetry, 'satellite_id' | 'entity'> | Omit<TelemetryBlock, 'satellite_id' | 'entity'>;

function valueOf(
  { values, labels }: Rows,
  columns: number,
  from: number,
  at: number,
  end: number,
  timeOf: (row: number) => number,
  block: number,
): Value {
  if (block === 1) {
    const own = values.subarray(at * columns, end * columns);
    const label = labels === null ? null : (labels[at] ?? []);
    return { timestamp: timeOf(from + at), index: from + at, values: Array.from(own), labels: label };
  }
  const indices = Array.from({ length: end - at }, (_, i) => from + at + i);
  return {
    timestamps: indices.map(timeOf),
    indices,
    values: values.slice(at * columns, end * columns),
    labels: labels === null ? null : labels.slice(at, end),
  };
}

/** The n-th record of each entity, then the next of each. */
function inOrder(pieces: readonly Piece[]): Portion['records'] {
  const longest = Math.max(0, ...pieces.map(({ records }) => records.length));
  return Array.from({ length: longest }, (_, at) => pieces.flatMap(({ records }) => records.slice(at, at + 1))).flat();
}

function addTo(hash: Hash, { values }: Rows, columns: number, from: number, timeOf: (row: number) => number): void {
  const size = 16 + 4 * columns;
  const bytes = Buffer.alloc((values.length / columns) * size);
  for (let row = 0; row * columns < values.length; row++) {
    bytes.writeBigInt64LE(BigInt(from + row), row * size);
    bytes.writeBigInt64LE(BigInt(timeOf(from + row)), row * size + 8);
    for (let column = 0; column < columns; column++)
      bytes.writeFloatLE(values[row * columns + column] ?? 0, row * size + 16 + 4 * column);
  }
  hash.update(bytes);
}
