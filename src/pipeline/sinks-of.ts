import type { Environment } from '../config/environment.ts';
import type { Stage } from '../config/topology.ts';
import type { Sink } from '../runner/wiring.ts';
import { openNewest } from '../sinks/newest.ts';
import { openVictoria } from '../sinks/victoria/sink.ts';
import type { Emit } from '../telemetry/events.ts';

export interface OpenSinks {
  readonly byStage: ReadonlyMap<string, Sink<unknown>>;
  close(): Promise<void>;
}

/**
 * The programs outside Kafka that stages write to: for each stage its own way there, for all lanes of the process. What is said
 * of it is then the stage's, and what a stage that seldom writes has written is read back, too.
 */
export function sinksOf(stages: readonly Stage[], { victoria }: Pick<Environment, 'victoria'>, emit: Emit): OpenSinks {
  const byStage = new Map<string, Sink<unknown>>();
  const closes: (() => Promise<void>)[] = [];
  for (const { to, declaration } of stages) {
    if (!('sink' in to) || to.sink !== 'VictoriaMetrics') continue;
    const stage = declaration.name;
    if (victoria === undefined) byStage.set(stage, openNewest({ stage, emit }));
    else {
      const sink = openVictoria({ address: victoria, stage, emit });
      byStage.set(stage, sink);
      closes.push(() => sink.close());
    }
  }
  return {
    byStage,
    close: async () => {
      await Promise.all(closes.map((close) => close()));
    },
  };
}
