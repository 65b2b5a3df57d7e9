/** From one instant to before another, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Width = 'day' | 'month';

export const dayMs = 86_400_000;

export const holds = ({ from, to }: Span, ms: number): boolean => from <= ms && ms < to;

/** The day or month, in UTC, that an instant lies in; so many later with `ahead`. */
export function spanOf(ms: number, width: Width, ahead = 0): Span {
  if (width === 'day') {
    const from = (Math.floor(ms / dayMs) + ahead) * dayMs;
    return { from, to: from + dayMs };
  }
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + ahead];
  return { from: Date.UTC(year, month), to: Date.UTC(year, month + 1) };
}

/** As much of it around an instant as no other span has: others may be of another width. */
export function between(span: Span, ms: number, others: readonly Span[]): Span {
  const ends = others.map(({ to }) => to).filter((to) => to <= ms);
  const begins = others.map(({ from }) => from).filter((from) => from > ms);
  return { from: Math.max(span.from, ...ends), to: Math.min(span.to, ...begins) };
}
