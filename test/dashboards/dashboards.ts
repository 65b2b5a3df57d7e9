import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant: boolean;
  readonly datasource: unknown;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly Target[];
}

export interface Variable {
  readonly name: string;
  readonly query: { readonly query: string };
  readonly regex?: string;
}

export interface Annotation {
  readonly name: string;
  readonly datasource: unknown;
  /** Older Grafanas read this one, newer ones the target's. */
  readonly expr: string;
  readonly step: string;
  readonly target: Target & { readonly interval: string };
  readonly titleFormat: string;
  readonly textFormat: string;
}

export interface CommittedDashboard {
  readonly uid: string;
  readonly title: string;
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly panels: readonly Panel[];
  readonly templating: { readonly list?: readonly Variable[] };
  readonly text: string;
}

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'grafana', 'dashboards');

/** As Grafana reads them. */
export const dashboards: readonly CommittedDashboard[] = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  return { ...(JSON.parse(text) as Omit<CommittedDashboard, 'text'>), text };
});
