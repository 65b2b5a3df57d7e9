import { cpuUsage, memoryUsage } from 'node:process';
import { cpus, freemem, totalmem } from 'node:os';
import type { Core } from '../answers/core.ts';
import type { ServedVersion } from '../model/served-version.ts';
import { errorAnswer, textAnswer, type Route } from './listen.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly values: (served: ServedVersion) => readonly (readonly [labels: string, value: number])[];
}

const reasons = ['OTHER', 'CANCELED', 'BACKEND', 'REJECTED'] as const;
const micros = (ms: number): number => Math.round(ms * 1000);
const one =
  (value: (served: ServedVersion) => number): Metric['values'] =>
  (served) => [['', value(served)]];
const counter = (name: string, help: string, values: Metric['values']): Metric => ({
  name,
  help,
  type: 'counter',
  values,
});

const metrics: readonly Metric[] = [
  counter(
    'nv_inference_request_success',
    'Number of successful inference requests, all batch sizes',
    one(({ statistics }) => statistics.counts.success.count),
  ),
  counter(
    'nv_inference_request_failure',
    'Number of failed inference requests, all batch sizes',
    ({ statistics: { counts } }) =>
      reasons.map((reason) => {
        const failed = reason === 'BACKEND' ? counts.fail.count : reason === 'REJECTED' ? counts.rejections : 0;
        return [`reason="${reason}",`, failed] as const;
      }),
  ),
  counter(
    'nv_inference_count',
    'Number of inferences performed (does not include cached requests)',
    one(({ statistics }) => statistics.counts.inferences),
  ),
  counter(
    'nv_inference_exec_count',
    'Number of model executions performed (does not include cached requests)',
    one(({ statistics }) => statistics.counts.executions),
  ),
  counter(
    'nv_inference_request_duration_us',
    'Cumulative inference request duration in microseconds (includes cached requests)',
    one(({ statistics }) => micros(statistics.counts.success.ms)),
  ),
  counter(
    'nv_inference_queue_duration_us',
    'Cumulative inference queuing duration in microseconds (includes cached requests)',
    one(({ statistics }) => micros(statistics.counts.queue.ms)),
  ),
  counter(
    'nv_inference_compute_input_duration_us',
    'Cumulative compute input duration in microseconds (does not include cached requests)',
    one(({ statistics }) => micros(statistics.counts.input.ms)),
  ),
  counter(
    'nv_inference_compute_infer_duration_us',
    'Cumulative compute inference duration in microseconds (does not include cached requests)',
    one(({ statistics }) => micros(statistics.counts.infer.ms)),
  ),
  counter(
    'nv_inference_compute_output_duration_us',
    'Cumulative inference compute output duration in microseconds (does not include cached requests)',
    one(({ statistics }) => micros(statistics.counts.output.ms)),
  ),
  {
    name: 'nv_inference_pending_request_count',
    help: 'Instantaneous number of pending requests awaiting execution per-model.',
    type: 'gauge',
    values: one(({ scheduler }) => scheduler.pending),
  },
  {
    name: 'nv_model_load_duration_secs',
    help: 'Model load time in seconds',
    type: 'gauge',
    values: one(({ loadSeconds }) => loadSeconds),
  },
];

/** Prometheus' text of what all models have done. */
export const metricsText = (core: Core): Route => {
  let last = { at: performance.now(), busy: 0 };
  return ({ method, path }) => {
    if (path !== '/metrics') return Promise.resolve(errorAnswer(404, 'Not Found', 'text/plain'));
    if (method !== 'GET') return Promise.resolve(errorAnswer(405, 'Method Not Allowed', 'text/plain'));
    const lines: string[] = [];
    const { served } = core.repository;
    for (const { name, help, type, values } of metrics) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const version of served) {
        const { model, version: number } = version.plan;
        for (const [labels, value] of values(version))
          lines.push(`${name}{model="${escaped(model)}",${labels}version="${number}"} ${value}`);
      }
    }
    const { user, system } = cpuUsage();
    const now = { at: performance.now(), busy: (user + system) / 1000 };
    const share = (now.busy - last.busy) / Math.max(1, now.at - last.at) / cpus().length;
    last = now;
    gauge(lines, 'nv_pinned_memory_pool_total_bytes', 'Pinned memory pool total memory size, in bytes', 0);
    gauge(lines, 'nv_pinned_memory_pool_used_bytes', 'Pinned memory pool used memory size, in bytes', 0);
    gauge(lines, 'nv_cpu_utilization', 'CPU utilization rate [0.0 - 1.0]', Math.min(1, share));
    gauge(lines, 'nv_cpu_memory_total_bytes', 'CPU total memory (RAM), in bytes', totalmem());
    gauge(lines, 'nv_cpu_memory_used_bytes', 'CPU used memory (RAM), in bytes', totalmem() - freemem());
    gauge(lines, 'process_resident_memory_bytes', 'Resident memory of the server, in bytes', memoryUsage.rss());
    return Promise.resolve(textAnswer(200, `${lines.join('\n')}\n`, 'text/plain; charset=utf-8'));
  };
};

const escaped = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function gauge(lines: string[], name: string, help: string, value: number): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`);
}
