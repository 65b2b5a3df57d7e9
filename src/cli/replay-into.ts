import type { Topology } from '../config/topology.ts';
import { classify, DownlinkError } from '../errors.ts';
import { aligned } from '../pipeline/aligned.ts';
import { choose, type Chosen, type Telemetry } from '../replay/choose.ts';
import type { Split } from '../replay/data-set.ts';
import type { Fault } from '../replay/faults.ts';
import { looped } from '../replay/looped.ts';
import { bar, line, paceOf } from '../replay/pace.ts';
import { play, type Played, type Sent } from '../replay/play.ts';
import { keepProgress, readProgress, type Progress } from '../replay/progress.ts';
import { realClock } from '../runner/clock.ts';
import { settingsOrProblems } from './load-settings.ts';
import { openPublisher, type Programs } from './telemetry-publisher.ts';
import type { ExitCode, Shell } from './verb.ts';

export interface ReplayOptions {
  readonly topology: string;
  readonly data?: string;
  readonly generate?: string;
  readonly learn?: string;
  readonly shapes: string;
  readonly entities: readonly string[];
  readonly split: Split;
  readonly speed: number;
  readonly interval: number;
  readonly start?: number;
  readonly rows?: number;
  readonly block: number;
  readonly fault: readonly Fault[];
  readonly loop?: true;
  readonly seed: number;
  readonly resume?: true;
  readonly progress?: string;
}

/** Replays until the end or until it is told to stop. 0 only if all that there is was acknowledged. */
export async function replayInto(options: ReplayOptions, shell: Shell): Promise<ExitCode> {
  const settings = settingsOrProblems(options.topology, shell);
  if (settings === undefined) return 1;
  const { topology } = settings;
  const { kafka, registry } = settings.environment;
  if (kafka === undefined || registry === undefined) {
    const lacking = kafka === undefined ? 'DOWNLINK_KAFKA' : 'DOWNLINK_REGISTRY';
    shell.err(`environment: ${lacking}: missing; set it to where the program is\n`);
    return 1;
  }
  const names = options.entities.flatMap((name) => name.split(','));
  const telemetry = telemetryOf(options);
  const { chosen, missing } = await choose({ topology, telemetry, names, faults: options.fault });
  if (missing.length > 0) shell.err(`no telemetry of ${missing.join(', ')}: left out\n`);
  const stopping = new AbortController();
  // A ^C ends it in order: what is under way is acknowledged, and where it stopped is written down.
  shell.untilToldToStop().then(
    () => stopping.abort(),
    () => stopping.abort(),
  );
  try {
    return await published({
      options,
      shell,
      topology,
      programs: { kafka, registry },
      chosen,
      signal: stopping.signal,
    });
  } finally {
    await Promise.all(chosen.map(({ source }) => source.close()));
  }
}

function telemetryOf({ data, split, generate = '', seed, rows, shapes }: ReplayOptions): Telemetry {
  if (data !== undefined) return { data, split };
  return { generate, seed, rows: rows ?? Infinity, shapes };
}

interface Publishing {
  readonly options: ReplayOptions;
  readonly shell: Shell;
  readonly topology: Topology;
  readonly programs: Programs;
  readonly chosen: readonly Chosen[];
  readonly signal: AbortSignal;
}

async function published({ options, shell, topology, programs, chosen, signal }: Publishing): Promise<ExitCode> {
  const file = options.progress ?? `.downlink/replay/${topology.prefix}${topology.name}.json`;
  const sources = chosen.map(({ entity, source }) => ({ entity, source: cutOff(source, options) }));
  const most = Math.max(...sources.map(({ source }) => source.rows));
  const replay = described(options, topology);
  const before = options.resume === true ? readProgress(file, replay) : undefined;
  const now = Date.now();
  const start = before?.start ?? options.start ?? (most === Infinity ? now : now - most * options.interval);
  const played = sources.map(({ entity: { satellite, name }, source }): Played => ({
    satellite,
    entity: name,
    source,
    before: before?.rows[`${satellite}/${name}`] ?? 0,
  }));
  const screen = openScreen(shell, options, played);
  const keep = keepProgress(file, { replay, start });
  const publisher = await openPublisher(topology, programs);
  try {
    const sent = await play({
      played,
      start,
      intervalMs: options.interval,
      speed: options.speed,
      block: options.block,
      clock: realClock,
      publish: publisher.publish,
      acknowledged: (rows) => {
        keep(rows);
        screen.show(rows);
      },
      signal,
    });
    keep.now();
    screen.end();
    shell.out(table(sent));
    const whole = sent.every(({ rows }, at) => rows >= (played[at]?.source.rows ?? 0));
    if (!whole) shell.err('stopped before the end; --resume goes on from here\n');
    return whole ? 0 : 1;
  } catch (thrown) {
    keep.now();
    screen.end();
    const error = classify(thrown);
    const what = `${error.detail}; --resume goes on behind what was acknowledged, and what it sends twice is scored once`;
    throw new DownlinkError(error.code, what, { cause: thrown });
  } finally {
    await publisher.close();
  }
}

function cutOff(source: Chosen['source'], { loop, rows }: ReplayOptions): Chosen['source'] {
  const whole = loop === true && source.rows !== Infinity ? looped(source) : source;
  return rows === undefined ? whole : { ...whole, rows: Math.min(whole.rows, rows) };
}

/** What must be the same for a replay to be gone on with. */
const described = (options: ReplayOptions, { prefix, name }: Topology): Progress['replay'] => ({
  topology: `${prefix}${name}`,
  ...(options.data === undefined
    ? { generate: options.generate ?? '', seed: String(options.seed) }
    : { data: options.data, split: options.split }),
  interval: `${options.interval} ms`,
  entities: options.entities.join(',') || 'all',
  faults: options.fault.map((fault) => Object.values(fault).join(':')).join(',') || 'none',
  loop: String(options.loop === true),
});

function openScreen({ err, terminal }: Shell, { interval, speed }: ReplayOptions, played: readonly Played[]) {
  const total = played.reduce((sum, { source }) => sum + source.rows, 0);
  const before = played.reduce((sum, one) => sum + Math.min(one.before, one.source.rows), 0);
  const longest = Math.max(...played.map(({ source }) => source.rows));
  // Entities end at different rows; on average so many samples belong to a row.
  const perRow = longest === Infinity ? played.length : total / longest;
  const pacing = { total, before, msEach: speed === Infinity ? 0 : interval / speed / perRow };
  const began = performance.now();
  const everyMs = terminal === true ? 200 : 10_000;
  let last = terminal === true ? 0 : began;
  let shown = '';
  return {
    show: (rows: ReadonlyMap<string, number>): void => {
      const at = performance.now();
      const sent = [...rows.values()].reduce((sum, one) => sum + one, 0);
      const pace = paceOf(pacing, sent, at - began);
      shown = terminal === true ? bar(pace) : line(pace);
      if (at - last < everyMs) return;
      last = at;
      err(terminal === true ? `\r${shown}\u001b[K` : `${shown}\n`);
    },
    end: (): void => {
      if (shown !== '') err(terminal === true ? `\r${shown}\u001b[K\n` : `${shown}\n`);
    },
  };
}

function table(sent: readonly Sent[]): string {
  const head = ['entity', 'samples', 'labelled', 'sha-256 of what was sent'];
  const rows = sent.map(({ key, rows: count, labelled, sha256 }) => [key, `${count}`, `${labelled}`, sha256]);
  const all = sent.reduce((sum, { rows: count }) => sum + count, 0);
  return `${aligned([head, ...rows]).join('\n')}\n${all} samples of ${sent.length} entities\n`;
}
