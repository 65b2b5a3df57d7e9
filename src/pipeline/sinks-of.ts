import type { Environment } from '../config/environment.ts';
import type { Stage } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';
import type { Sink } from '../runner/wiring.ts';
import { openNewest } from '../sinks/newest.ts';
import type { Keeping } from '../sinks/postgres/retention.ts';
import { openPostgres } from '../sinks/postgres/sink.ts';
import { openVictoria } from '../sinks/victoria/sink.ts';
import type { Emit } from '../telemetry/events.ts';
import { postgresAddressOf } from './postgres-address.ts';

export interface OpenSinks {
  readonly byStage: ReadonlyMap<string, Sink<unknown>>;
  close(): Promise<void>;
}

/**
 * The programs outside Kafka that stages write to: for each stage its own way there, for all lanes of the process. What is said
 * of it is then the stage's, and what a stage that seldom writes has written is read back, too.
 */
export function sinksOf(
  stages: readonly Stage[],
  { victoria, postgres }: Pick<Environment, 'victoria' | 'postgres'>,
  emit: Emit,
): OpenSinks {
  const byStage = new Map<string, Sink<unknown>>();
  const closes: (() => Promise<void>)[] = [];
  const keep = (stage: string, sink: Sink<never> & { close(): Promise<void> }): void => {
    byStage.set(stage, sink);
    closes.push(() => sink.close());
  };
  for (const { to, declaration, settings } of stages) {
    if (!('sink' in to)) continue;
    const stage = declaration.name;
    if (to.sink === 'PostgreSQL') {
      const address = postgresAddressOf(needed(postgres));
      // What the settings of a stage that fills tables have in common.
      const keeping = settings as Keeping;
      keep(stage, openPostgres({ address, stage, tables: to.tables ?? [], keeping, emit }));
    }
    if (to.sink !== 'VictoriaMetrics') continue;
    if (victoria === undefined) byStage.set(stage, openNewest({ stage, emit }));
    else keep(stage, openVictoria({ address: victoria, stage, emit }));
  }
  return {
    byStage,
    close: async () => {
      await Promise.all(closes.map((close) => close()));
    },
  };
}

function needed<T>(postgres: T | undefined): T {
  if (postgres !== undefined) return postgres;
  throw new DownlinkError('config-invalid', noPostgres);
}

export const noPostgres =
  'environment: DOWNLINK_POSTGRES: missing; set it to a database, like postgres://127.0.0.1:5432/downlink';
