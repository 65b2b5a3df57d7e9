import type { Environment } from '../config/environment.ts';
import type { Stage } from '../config/topology.ts';
import type { Sink } from '../runner/wiring.ts';
import { openNewest } from '../sinks/newest.ts';
import { openVictoria } from '../sinks/victoria/sink.ts';
import type { Emit } from '../telemetry/events.ts';

export interface OpenSinks {
  readonly byName: ReadonlyMap<string, Sink<unknown>>;
  close(): Promise<void>;
}

/** The programs outside Kafka that stages write to, one of each for all lanes of the process. */
export function sinksOf(stages: readonly Stage[], { victoria }: Pick<Environment, 'victoria'>, emit: Emit): OpenSinks {
  const byName = new Map<string, Sink<unknown>>();
  const closes: (() => Promise<void>)[] = [];
  const writer = stages.find(({ to }) => 'sink' in to && to.sink === 'VictoriaMetrics');
  if (writer !== undefined) {
    const stage = writer.declaration.name;
    if (victoria === undefined) byName.set('VictoriaMetrics', openNewest({ stage, emit }));
    else {
      const sink = openVictoria({ address: victoria, stage, emit });
      byName.set('VictoriaMetrics', sink);
      closes.push(() => sink.close());
    }
  }
  return {
    byName,
    close: async () => {
      await Promise.all(closes.map((close) => close()));
    },
  };
}
