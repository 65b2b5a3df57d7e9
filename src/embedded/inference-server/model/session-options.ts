import type { ModelConfig } from '../config/model-config.ts';
import type { SessionOptions } from '../execution/protocol.ts';

/** What a model's configuration asks of ONNX Runtime. Without a word about it a model has one thread: the server has its own number of workers. */
export function sessionOptions({ parameters = {}, optimization }: ModelConfig): SessionOptions {
  const number = (name: string): number | undefined => {
    const text = parameters[name]?.string_value;
    return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
  };
  const inter = number('inter_op_thread_count');
  const mode = number('execution_mode');
  const arena = number('enable_mem_arena');
  const pattern = number('enable_mem_pattern');
  return {
    intraOpNumThreads: number('intra_op_thread_count') ?? 1,
    ...(inter === undefined ? {} : { interOpNumThreads: inter }),
    ...(mode === undefined ? {} : { executionMode: mode === 0 ? 'sequential' : 'parallel' }),
    ...(arena === undefined ? {} : { enableCpuMemArena: arena !== 0 }),
    ...(pattern === undefined ? {} : { enableMemPattern: pattern !== 0 }),
    logSeverityLevel: 3,
    graphOptimizationLevel: levelOf(optimization?.graph?.level),
  };
}

const levelOf = (level: number | undefined): SessionOptions['graphOptimizationLevel'] => {
  if (level === undefined || level === 0) return 'all';
  if (level < 0) return 'basic';
  return level === 1 ? 'extended' : 'disabled';
};
