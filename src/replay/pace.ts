/** How a replay fares. */
export interface Pace {
  readonly sent: number;
  /** Infinity: it never ends. */
  readonly total: number;
  readonly perSecond: number;
  /** How far behind its clock it is. */
  readonly lagMs: number;
  readonly leftMs: number;
}

export interface Pacing {
  readonly total: number;
  /** Sent by an earlier replay that this one goes on from. */
  readonly before: number;
  /** Of the whole at the speed that was asked for; 0 where it goes as fast as it can. */
  readonly msEach: number;
}

/** What there is to say at a time of a replay that began at 0. */
export function paceOf({ total, before, msEach }: Pacing, sent: number, elapsedMs: number): Pace {
  const done = sent - before;
  const perSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const lagMs = msEach === 0 ? 0 : Math.max(0, Math.min(elapsedMs, (total - before) * msEach) - done * msEach);
  const leftMs = msEach > 0 ? (total - sent) * msEach : perSecond > 0 ? ((total - sent) * 1000) / perSecond : Infinity;
  return { sent, total, perSecond, lagMs, leftMs };
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

export function duration(ms: number): string {
  if (ms === Infinity) return '–';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** One line for a log. */
export function line(pace: Pace): string {
  const of =
    pace.total === Infinity ? '' : ` of ${count(pace.total)} (${Math.floor((100 * pace.sent) / pace.total)} %)`;
  const lag = pace.lagMs >= 1_000 ? `, ${duration(pace.lagMs)} behind its clock` : '';
  const left = pace.leftMs === Infinity ? '' : `, ${duration(pace.leftMs)} left`;
  return `${count(pace.sent)}${of} samples, ${count(pace.perSecond)}/s${lag}${left}`;
}

/** The same for a terminal, with a bar where there is an end. */
export function bar(pace: Pace, width = 24): string {
  if (pace.total === Infinity) return line(pace);
  const full = Math.floor((width * pace.sent) / Math.max(1, pace.total));
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${line(pace)}`;
}
