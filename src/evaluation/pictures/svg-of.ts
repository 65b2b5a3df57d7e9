import { partText, shareText, wholeText } from '../as-text.ts';
import { countOf } from '../count.ts';
import { figuresOf } from '../figures.ts';
import type { Series } from '../series.ts';
import { escaped } from './escaped.ts';
import { acrossOf, frame, px, type Panel } from './frame.ts';
import { linePanel } from './line-panel.ts';
import { closingScale, evenScale, type Range } from './scale.ts';
import { boxOf, spanPanel } from './span-panel.ts';
import { spansOf, type Drawn } from './spans.ts';

// All under one class: pictures stand side by side in one page.
const style = `
.series text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #3d4856; }
.series .title { font-size: 16px; font-weight: 600; fill: #1f2733; } .series .name { font-weight: 600; }
.series .left { text-anchor: end; } .series .middle { text-anchor: middle; }
.series path { fill: none; } .series .grid { stroke: #e3e7ec; } .series .axis { stroke: #8b97a6; }
.series .value { stroke: #34495e; stroke-width: .8; stroke-linecap: round; }
.series .severity { stroke: #7a3fb0; stroke-linecap: round; }
.series .found { fill: #e8b10a; } .series .missed { fill: #fff; stroke: #8a5a00; stroke-width: 1.5; stroke-dasharray: 3 2; }
.series .true { fill: #2f6fd0; } .series .false { fill: #d0342c; }
.series .shade .found { fill-opacity: .25; } .series .shade .missed { fill: #e8b10a; fill-opacity: .12; }
`;

/** One entity as a picture that stands alone: telemetry, labels, alarms, and severity, over its rows. */
export function svgOf(series: Series): string {
  const { entity, rows } = series;
  const title = titleOf(series);
  const panels = rows === 0 ? [] : panelsOf(series);
  let top = 40;
  const drawn = panels.map((panel) => {
    const part = panel.draw(top);
    top += panel.height;
    return part;
  });
  const height = top + 14;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="series" viewBox="0 0 ${frame.width} ${height}" width="${frame.width}" height="${height}" role="img" aria-label="${escaped(entity)}">
<style>${style}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text class="title" x="${frame.left}" y="26">${escaped(title)}</text>
${drawn.join('\n')}
</svg>
`;
}

function titleOf(series: Series): string {
  const { rows, labels, events, onsets, timeInAlarm } = figuresOf(countOf(series));
  if (rows === 0) return `${series.entity}: no rows`;
  const found = `${events.found} of ${labels} found, ${events.wrong} false, ${onsets.found} begun inside`;
  return `${series.entity}: ${found}; strict F1 ${partText(onsets.f1)}, in alarm ${shareText(timeInAlarm)} of ${wholeText(rows)} rows`;
}

function panelsOf(series: Series): readonly Panel[] {
  const { rows, telemetry, severity } = series;
  const { labels, alarms } = spansOf(series);
  const shade = (top: number, bottom: number): string =>
    `<g class="shade">${labels.map((label) => boxOf(label, rows, top, bottom - top)).join('')}</g>`;
  return [
    ...(telemetry === undefined ? [] : [telemetryPanel(telemetry, shade)]),
    spanPanel('labels', rows, labels),
    spanPanel('alarms', rows, alarms),
    ...(severity === undefined ? [] : [severityPanel(severity)]),
    axisPanel(rows),
    legendPanel,
  ];
}

const telemetryPanel = (values: Float32Array, behind: (top: number, bottom: number) => string): Panel =>
  linePanel({
    name: 'telemetry',
    className: 'value',
    values,
    height: 200,
    behind,
    scale: (bottom, top) => evenScale(widened(rangeOf(values)), bottom, top, 4),
  });

const severityPanel = (values: Float64Array): Panel =>
  linePanel({
    name: 'severity, 1 where an alarm begins',
    className: 'severity',
    values,
    height: 90,
    scale: (bottom, top) => closingScale(Math.max(1.2, rangeOf(values).high), bottom, top),
  });

function rangeOf(values: ArrayLike<number>): Range {
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? NaN;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** With some air at both ends; a column that never moves lies in the middle. */
function widened({ low, high }: Range): Range {
  const air = 0.05 * (high - low || Math.max(1, Math.abs(high)));
  return { low: low - air, high: high + air };
}

const axisPanel = (rows: number): Panel => ({
  height: 40,
  draw: (top) => {
    const across = acrossOf(rows);
    const { ticks } = evenScale({ low: 0, high: rows }, frame.left, frame.right, 10);
    const whole = ticks.filter(Number.isInteger);
    return [
      `<path class="axis" d="M${frame.left} ${top + 4}H${frame.right}${whole.map((tick) => `M${px(across(tick))} ${top + 4}v5`).join('')}"/>`,
      ...whole.map(
        (tick) => `<text class="tick middle" x="${px(across(tick))}" y="${top + 22}">${wholeText(tick)}</text>`,
      ),
      `<text class="tick left" x="${frame.left - 8}" y="${top + 22}">row</text>`,
    ].join('\n');
  },
});

const legend: readonly (readonly [Drawn['className'], string])[] = [
  ['found', 'labelled, found'],
  ['missed', 'labelled, missed'],
  ['true', 'alarm'],
  ['false', 'false alarm'],
];

const legendPanel: Panel = {
  height: 20,
  draw: (top) =>
    legend
      .map(([className, text], at) => {
        const x = frame.left + at * 150;
        return `<rect class="${className}" x="${x}" y="${top}" width="18" height="12"/><text x="${x + 24}" y="${top + 10}">${text}</text>`;
      })
      .join('\n'),
};
