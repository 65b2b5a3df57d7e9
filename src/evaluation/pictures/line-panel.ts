import { escaped } from './escaped.ts';
import { acrossOf, frame, px, type Panel } from './frame.ts';
import type { Scale } from './scale.ts';
import { thinned } from './thinned.ts';

export interface LinePanel {
  readonly name: string;
  readonly className: string;
  readonly values: ArrayLike<number>;
  readonly height: number;
  /** From the bottom to the top. */
  readonly scale: (bottom: number, top: number) => Scale;
  /** What lies behind the line. */
  readonly behind?: (top: number, bottom: number) => string;
}

/** A column of values as a line. */
export function linePanel({ name, className, values, height, scale, behind }: LinePanel): Panel {
  return {
    height: height + 24,
    draw: (top) => {
      const [high, low] = [top + 18, top + 18 + height];
      const { place, ticks } = scale(low, high);
      const across = acrossOf(values.length);
      const grid = ticks.map((tick) => {
        const y = px(place(tick));
        const line = `<path class="grid" d="M${frame.left} ${y}H${frame.right}"/>`;
        return `${line}<text class="tick left" x="${frame.left - 8}" y="${px(place(tick) + 4)}">${tick}</text>`;
      });
      const lines = thinned(values, frame.right - frame.left).map((points) => {
        const [first, ...rest] = points.map(([row, value]) => `${px(across(row + 0.5))} ${px(place(value))}`);
        // A point alone has no length; the round end of the line makes it a dot.
        return `M${first}${rest.length > 0 ? `L${rest.join(' ')}` : 'h0'}`;
      });
      return [
        `<text class="name" x="${frame.left}" y="${top + 12}">${escaped(name)}</text>`,
        behind?.(high, low) ?? '',
        ...grid,
        `<path class="${className}" d="${lines.join('')}"/>`,
      ].join('\n');
    },
  };
}
