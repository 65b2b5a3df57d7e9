import { escaped } from './escaped.ts';
import { acrossOf, frame, px, type Panel } from './frame.ts';
import type { Drawn } from './spans.ts';

const height = 16;

/** Spans as boxes in one line, its name before them. */
export const spanPanel = (name: string, rows: number, spans: readonly Drawn[]): Panel => ({
  height: height + 6,
  draw: (top) =>
    [
      `<text class="tick left" x="${frame.left - 8}" y="${top + 12}">${name}</text>`,
      `<path class="grid" d="M${frame.left} ${top + height / 2}H${frame.right}"/>`,
      ...spans.map((span) => boxOf(span, rows, top, height, `<title>${escaped(span.told)}</title>`)),
    ].join('\n'),
});

/** A box over the rows of a span; one that would be too narrow to be seen is drawn wider. */
export function boxOf({ first, last, className }: Drawn, rows: number, top: number, tall: number, inside = ''): string {
  const across = acrossOf(rows);
  const width = Math.max(2, across(last + 1) - across(first));
  const x = Math.min(across(first), frame.right - width);
  return `<rect class="${className}" x="${px(x)}" y="${px(top)}" width="${px(width)}" height="${px(tall)}">${inside}</rect>`;
}
