import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardCursorSync,
  DashboardLinkType,
  type AnnotationQuery,
  type DashboardLink,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { link } from './link.ts';

/** The form of a dashboard's file that every Grafana reads; the newer one only those from 12 on. */
export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly timezone: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly graphTooltip: DashboardCursorSync;
  readonly links: readonly DashboardLink[];
  readonly annotations: { readonly list: readonly AnnotationQuery[] };
  readonly templating: { readonly list: readonly VariableModel[] };
  readonly panels: readonly Panel[];
}

export interface Asked {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly Builder<VariableModel>[];
  readonly annotations?: readonly AnnotationQuery[];
  readonly panels: readonly Builder<Panel>[];
}

const tag = 'downlink';

/** What all have in common: UTC, as satellites go, and the way to the others, with time and variables. */
export const board = ({ uid, title, description, variables = [], annotations = [], panels }: Asked): Board => ({
  uid,
  title,
  description,
  tags: [tag],
  schemaVersion: 39,
  editable: false,
  timezone: 'utc',
  time: { from: 'now-6h', to: 'now' },
  refresh: '30s',
  graphTooltip: DashboardCursorSync.Crosshair,
  links: [
    link('downlink', {
      type: DashboardLinkType.Dashboards,
      tags: [tag],
      includeVars: true,
      keepTime: true,
    }).build(),
  ],
  annotations: { list: annotations },
  templating: { list: variables.map((variable) => variable.build()) },
  // Numbered, so that a link to one of them stays right.
  panels: panels.map((panel, at) => ({ ...panel.build(), id: at + 1 })),
});
