import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { dataSource } from './data-source.ts';
import { link } from './link.ts';
import { byThreshold, fromOn, hurts, quietText, shadesOf } from './look.ts';

/** Left, top, width and height in a grid of 24 columns. */
export type Box = readonly [x: number, y: number, w: number, h: number];

/** What every panel has: nobody on duty should have to ask what it shows, or in what. */
export interface Said {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly box: Box;
}

interface Sayable<B> {
  title(title: string): B;
  description(description: string): B;
  unit(unit: string): B;
  datasource(source: typeof dataSource): B;
  gridPos(position: { x: number; y: number; w: number; h: number }): B;
}

export function say<B extends Sayable<B>>(panel: B, { title, description, unit, box: [x, y, w, h] }: Said): B {
  return panel.title(title).description(description).unit(unit).datasource(dataSource).gridPos({ x, y, w, h });
}

export const overTime = (expr: string, legend: string): DataqueryBuilder =>
  new DataqueryBuilder().datasource(dataSource).refId('A').expr(expr).legendFormat(legend).range();

export const now = (expr: string, legend = ''): DataqueryBuilder =>
  new DataqueryBuilder().datasource(dataSource).refId('A').expr(expr).legendFormat(legend).instant();

export const column = (expr: string, refId: string): DataqueryBuilder =>
  now(expr).refId(refId).format(PromQueryFormat.Table);

/** In the time that is shown. */
export const linkTo = (title: string, url: string): Builder<DashboardLink> =>
  link(title, { url: `${url}&\${__url_time_range}` });

export interface NumberPanel extends Said {
  readonly query: Builder<Dataquery>;
  /** From which number on it has which colour. */
  readonly limit: number;
  readonly color?: string;
  readonly link?: Builder<DashboardLink>;
}

/** One number, or a tile for each name. */
export function numberPanel({ query, limit, color = hurts, link: to, ...said }: NumberPanel): StatBuilder {
  const panel = say(new StatBuilder(), said)
    .withTarget(query)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .colorScheme(byThreshold())
    .thresholds(fromOn(limit, color, 'transparent'));
  return to === undefined ? panel : panel.dataLinks([to]);
}

export interface LinesPanel extends Said {
  readonly queries: readonly Builder<Dataquery>[];
  /** Above it the panel is red. */
  readonly limit?: number;
  /** Where the axis begins: at 0, but for what may lie below. */
  readonly min?: number | 'auto';
}

/** Lines over time, all in shades of one colour. */
export function linesPanel({ queries, limit, min = 0, ...said }: LinesPanel): TimeseriesBuilder {
  const panel = say(new TimeseriesBuilder(), said)
    .targets([...queries])
    .colorScheme(shadesOf('blue'))
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (min !== 'auto') panel.min(min);
  if (limit === undefined) return panel;
  return panel
    .thresholds(fromOn(limit, hurts, quietText))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.DashedAndArea))
    .axisSoftMax(limit);
}
