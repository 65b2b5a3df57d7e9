import { Refusal } from '../../../kserve/status.ts';
import type { ServedVersion } from '../model/served-version.ts';
import type { Timed } from '../model/statistics.ts';
import type { Repository } from '../repository/repository.ts';

const duration = ({ count, ms }: Timed): object => ({ count, ns: Math.round(ms * 1e6) });
const none = { count: 0, ns: 0 };

function rowOf({ plan, statistics: { counts } }: ServedVersion): object {
  const batch = ([size, { count, input, infer, output }]: readonly [
    number,
    { count: number; input: number; infer: number; output: number },
  ]): object => ({
    batch_size: size,
    compute_input: duration({ count, ms: input }),
    compute_infer: duration({ count, ms: infer }),
    compute_output: duration({ count, ms: output }),
  });
  return {
    name: plan.model,
    version: plan.version,
    last_inference: counts.lastInference,
    inference_count: counts.inferences,
    execution_count: counts.executions,
    inference_stats: {
      success: duration(counts.success),
      fail: duration(counts.fail),
      queue: duration(counts.queue),
      compute_input: duration(counts.input),
      compute_infer: duration(counts.infer),
      compute_output: duration(counts.output),
      cache_hit: none,
      cache_miss: none,
    },
    response_stats: {},
    batch_stats: [...counts.batches].sort(([a], [b]) => a - b).map(batch),
    memory_usage: [],
  };
}

/** An empty name asks for all models. */
export function statisticsOf(repository: Repository, name: string, version: string): readonly object[] {
  if (name === '') return repository.served.map(rowOf);
  if (!repository.isReady(name, version)) {
    const which = version === '' ? '' : ` version ${version}`;
    throw new Refusal('INVALID_ARGUMENT', `requested model '${name}'${which} is not available`);
  }
  if (version !== '') return [rowOf(repository.find(name, version))];
  return repository.served.filter(({ plan }) => plan.model === name).map(rowOf);
}
