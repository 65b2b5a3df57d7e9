import { describe, expect, test } from '@jest/globals';
import type { Answer, JobModel, Lane, Question, Records, Tensor } from '../../../src/contract/index.ts';
import { DownlinkError } from '../../../src/errors.ts';
import { predict } from '../../../src/stages/predict/index.ts';
import { instancesOf, takes, type Settings } from '../../../src/stages/predict/settings.ts';

type Job = Records['job'];
type Incoming = Job | Records['job-cancel'];

const sum: JobModel = {
  kind: 'onnx',
  task: 'plain',
  weights: '',
  least: 1,
  most: 8,
  input: 'x',
  datatype: 'FP32',
  shape: [-1],
  output: 'y',
};
const settings: Settings = {
  models: {
    sum: { apart: false, maxJobs: undefined, maxWaitMs: undefined },
    slow: { apart: true, maxJobs: 2, maxWaitMs: 2_000 },
  },
  maxJobs: 3,
  maxWaitMs: 10,
  requestTimeoutMs: 1_000,
};

/** Each row's sum; it refuses a call that holds a 13. */
function summing() {
  const calls: Question[] = [];
  const ask = (question: Question): Promise<Answer> => {
    calls.push(question);
    const { shape, data } = question.inputs['x'] as Tensor & { readonly data: Float32Array };
    if (data.includes(13)) return Promise.reject(new DownlinkError('inference-refused', 'no thirteen'));
    const [rows = 0, width = 0] = shape;
    const sums = Float32Array.from({ length: rows }, (_, row) =>
      data.subarray(row * width, (row + 1) * width).reduce((total, one) => total + one, 0),
    );
    return Promise.resolve({ outputs: { y: { shape: [rows, 1], data: sums } }, version: '1', ms: 2 });
  };
  return { calls, ask };
}

async function run(values: readonly Incoming[], own: Settings = settings) {
  const { calls, ask } = summing();
  const inference = { ask, jobModel: () => sum } as unknown as ReturnType<Lane<never>['ports']['inference']>;
  const lane = { settings: own, partition: 0, ports: { inference: () => inference } } as unknown as Lane<Settings>;
  const records = values.map((value, at) => ({ key: value.id, value, offset: BigInt(at), timestamp: 0 }));
  const outcome = await predict.open(lane).process({ records, behind: 0n }, new AbortController().signal);
  return { calls, results: new Map(outcome.send.map(({ key, value }) => [key, value])), sent: outcome.send.length };
}

const job = (id: string, data: readonly number[], more: Partial<Job> = {}): Job => ({
  id,
  owner: 'me',
  model: 'sum',
  data,
  forecast_steps: null,
  submitted_at: 1,
  retry_of: null,
  ...more,
});

describe('jobs', () => {
  test('of one model and length go together, at most so many; each has its own answer', async () => {
    const jobs = Array.from({ length: 7 }, (_, at) => job(`j${at}`, [at, 1]));
    const { calls, results } = await run(jobs);
    expect(calls.map(({ inputs }) => inputs['x']?.shape)).toEqual([
      [3, 2],
      [3, 2],
      [1, 2],
    ]);
    for (const [at, { id }] of jobs.entries())
      expect(results.get(id)).toMatchObject({ status: 'completed', predictions: [at + 1], model_version: '1' });
    expect(results.get('j0')?.batch_size).toBe(3);
    expect(results.get('j6')?.batch_size).toBe(1);
  });

  test('of other lengths are asked apart', async () => {
    const { calls, results } = await run([job('a', [1]), job('b', [1, 2]), job('c', [3])]);
    expect(calls.map(({ inputs }) => inputs['x']?.shape)).toEqual([
      [2, 1],
      [1, 2],
    ]);
    expect([...results.values()].map(({ predictions }) => predictions)).toEqual([[1], [3], [3]]);
  });

  test('one that the model refuses fails alone', async () => {
    const { results } = await run([job('a', [1]), job('b', [13]), job('c', [3])]);
    expect(results.get('b')).toMatchObject({ status: 'failed', detail: 'no thirteen', batch_size: 0 });
    expect(results.get('a')).toMatchObject({ status: 'completed', predictions: [1] });
    expect(results.get('c')).toMatchObject({ status: 'completed', predictions: [3] });
  });

  test('that cannot be answered fail, with the reason', async () => {
    const { calls, results } = await run([
      job(
        'long',
        Array.from({ length: 9 }, () => 1),
      ),
      job('whose', [1], { model: 'nobody' }),
    ]);
    expect(calls).toEqual([]);
    expect(results.get('long')).toMatchObject({ status: 'failed', detail: 'data: 1 to 8 numbers are needed, not 9' });
    expect(results.get('whose')).toMatchObject({ status: 'failed', detail: 'there is no model nobody' });
  });

  test('whose answer is no number fail', async () => {
    const { results } = await run([job('a', [3e38, 3e38])]);
    expect(results.get('a')).toMatchObject({ status: 'failed', detail: 'sum answers what is no finite number' });
  });

  test('an id that comes twice has one result', async () => {
    const { sent } = await run([job('a', [1]), job('a', [1])]);
    expect(sent).toBe(1);
  });
});

describe('a cancel', () => {
  const cancel = (id: string, owner = 'me') => ({ id, owner, cancelled_at: 2 });

  test('that comes with its job takes it back', async () => {
    const { calls, results } = await run([job('a', [1]), job('b', [2]), cancel('a')]);
    expect(results.get('a')).toMatchObject({ status: 'cancelled', predictions: [] });
    expect(results.get('b')?.status).toBe('completed');
    expect(calls).toHaveLength(1);
  });

  test("of another's job, or of one that was answered before, changes nothing", async () => {
    const { results } = await run([job('a', [1]), cancel('a', 'them'), cancel('gone')]);
    expect([...results.keys()]).toEqual(['a']);
    expect(results.get('a')?.status).toBe('completed');
  });
});

describe('a model that stands apart', () => {
  test('has an instance that takes its jobs only, and nobody else takes them', async () => {
    const own = instancesOf(settings).get('slow');
    if (own === undefined) throw new Error('there is none');
    expect([...instancesOf(settings).keys()]).toEqual(['slow']);
    expect(own.maxWaitMs).toBe(2_000);
    const all = [job('a', [1]), job('b', [2], { model: 'slow' }), job('c', [2], { model: 'nobody' })];
    expect([...(await run(all, own)).results.keys()]).toEqual(['b']);
    expect([...(await run(all)).results.keys()].sort()).toEqual(['a', 'c']);
    expect(takes(settings, 'slow')).toBe(false);
  });
});
