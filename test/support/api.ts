import type { FastifyInstance } from 'fastify';
import { openApp, type AppOptions } from '../../src/api/app.ts';
import type { FedRecord } from '../../src/api/feed.ts';
import { readKeys, type Keys } from '../../src/api/keys.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { show } from '../../src/api/show.ts';
import { openEventLog } from '../../src/api/socket/event-log.ts';
import { openAnomalyView } from '../../src/api/view/anomalies.ts';
import { openJobView } from '../../src/api/view/jobs.ts';
import { openSampleView } from '../../src/api/view/samples.ts';
import type { JobModel, Records } from '../../src/contract/index.ts';

type Job = Records['job'];

export interface Asked {
  /** Sent as JSON. */
  readonly payload?: object;
  /** Sent as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly ask: (method: string, path: string, more?: Asked) => Promise<Told>;
  /** What was written to the jobs' topic. */
  readonly written: (Job | Records['job-cancel'])[];
  /** As if it had come from Kafka. */
  readonly feed: (value: FedRecord['value'], timestamp?: number) => void;
  /** What the stage would say. */
  readonly complete: (id: string, more?: Partial<Records['job-result']>) => void;
  readonly failWrites: (error: Error | undefined) => void;
}

const forecast: JobModel = {
  kind: 'lstm',
  task: 'forecast',
  weights: '',
  least: 8,
  most: 512,
  window: 128,
  horizon: 64,
  quantiles: [0.1, 0.5, 0.9],
};
export const series = [1.2, 2.3, 3.1, 2.8, 3.5, 4.2, 3.9, 4.5];

export function keysOf(text: string): Keys {
  const read = readKeys(text);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.keys;
}

/** The whole API on views of its own; its log is a list. */
export async function apiUnderTest(
  more: Partial<ApiParts> = {},
  options: Omit<AppOptions, 'parts'> = {},
): Promise<ApiUnderTest> {
  const written: (Job | Records['job-cancel'])[] = [];
  let failure: Error | undefined;
  const views = {
    jobs: openJobView(),
    samples: openSampleView(100),
    anomalies: openAnomalyView(10),
    events: openEventLog(100),
  };
  const entities = ['SAT-001/A-1', 'SAT-001/A-2', 'SAT-002/A-1'].map((key) => {
    const [satellite = '', name = ''] = key.split('/');
    return { satellite, name, sensors: ['temperature', 'current'], model: 'm', threshold: undefined };
  });
  const parts: ApiParts = {
    ...views,
    log: {
      append: (entry) => {
        if (failure !== undefined) return Promise.reject(failure);
        written.push(entry);
        return Promise.resolve();
      },
    },
    caughtUp: () => Promise.resolve(),
    models: new Map([
      ['lstm', forecast],
      ['vae', { ...forecast, kind: 'vae', task: 'reconstruct', threshold: 4, pointThreshold: 2 } as JobModel],
    ]),
    entities,
    keys: undefined,
    dependencies: [],
    emit: () => undefined,
    ...more,
  };
  const app = await openApp({ parts, ...options });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  let offset = 0n;
  const feed: ApiUnderTest['feed'] = (value, timestamp = Date.now()) =>
    show({ value, timestamp, offset: offset++, place: { topic: 't', partition: 0 } }, views, () => [
      'temperature',
      'current',
    ]);
  return {
    app,
    url,
    ask: async (method, path, { payload, text, headers = {} } = {}) => {
      const body = payload === undefined ? text : JSON.stringify(payload);
      const type: Record<string, string> = payload === undefined ? {} : { 'content-type': 'application/json' };
      const init = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) };
      const answer = await fetch(`${url}${path}`, init);
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    written,
    feed,
    complete: (id, result = {}) => {
      const job = written.find((one): one is Job => one.id === id && 'data' in one);
      feed({ ...completed(id, job?.owner ?? '', job?.submitted_at ?? Date.now()), ...result });
    },
    failWrites: (error) => {
      failure = error;
    },
  };
}

const completed = (id: string, owner: string, submitted_at: number): Records['job-result'] => ({
  id,
  owner,
  model: 'lstm',
  model_version: '1',
  status: 'completed',
  detail: null,
  predictions: [1, 2],
  lower: [0, 1],
  upper: [2, 3],
  scores: [],
  anomaly_score: null,
  anomaly_detected: null,
  submitted_at,
  inference_ms: 1,
  batch_size: 3,
});
