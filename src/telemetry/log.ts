import { isError, isWarning, type Emit, type Event } from './events.ts';
import { inWords, type Level, type Line } from './line.ts';
import { openQuiet } from './quiet.ts';

export interface LogOptions {
  readonly write: (text: string) => void;
  /** A person reads it: short lines instead of JSON. */
  readonly terminal?: boolean;
  /** Also what is no warning: generations, and lanes that open and close. */
  readonly verbose?: boolean;
  /** Stands in every line: which of several processes this is. */
  readonly worker?: number | undefined;
  readonly now?: () => Date;
}

const chatter: ReadonlySet<Event['event']> = new Set([
  'generation',
  'lane-opened',
  'lane-closed',
  'fenced-dead',
  'sink-found',
]);

/** Writes what a person has to know. A healthy run is silent. */
export function openLog(options: LogOptions): Emit {
  const { write, terminal = false, verbose = false, worker, now = () => new Date() } = options;
  const put = (line: Line): void => {
    const time = now().toISOString();
    const from = worker === undefined ? {} : { worker };
    write(
      terminal ? `${short(time, { ...line, ...from })}\n` : `${JSON.stringify({ time, ...line, ...from }, plain)}\n`,
    );
  };
  const quiet = openQuiet(() => now().getTime());
  return (event) => {
    for (const line of quiet(event)) put(line);
    if (event.event === 'retrying' || event.event === 'rejected' || event.event === 'waiting') return;
    if (isError(event)) put(lineOf(event, 'error'));
    else if (isWarning(event)) put(lineOf(event, 'warn'));
    else if (verbose && chatter.has(event.event)) put(lineOf(event, 'info'));
  };
}

function lineOf(event: Event, level: Level): Line {
  const { event: name, ...rest } = event;
  if (!('error' in rest)) return { level, event: name, ...rest };
  const { error, ...others } = rest;
  return { level, event: name, ...others, ...inWords(error) };
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** `17:02:11 warn  infer 3  retrying  triton-unavailable: …  pauseMs=50` */
function short(time: string, line: Line): string {
  const { level, event, stage, partition, code, detail, remedy, ...others } = line;
  const where = [stage, partition].filter((part) => part !== undefined).join(' ');
  const what = [code, detail].filter((part) => part !== undefined).join(': ');
  const more = Object.entries(others)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value, plain)}`);
  const parts = [time.slice(11, 19), level.padEnd(5), where, event, what, ...more].filter((part) => part !== '');
  return [parts.join(' '), ...(level === 'error' && remedy !== undefined ? [`         ${remedy}`] : [])].join('\n');
}
