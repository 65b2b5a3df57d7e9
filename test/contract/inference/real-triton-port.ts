import { expect, test } from '@jest/globals';
import type { ModelMetadata, RunAnswer, Sequences } from '../../../src/contract/index.ts';
import { openInference } from '../../../src/inference/inference.ts';
import { modelFile, openGraph } from '../../../src/models/onnx/graph.ts';
import { eventually } from '../../support/eventually.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import type { ModelFiles } from './repositories.ts';

/** A server that a test may kill, and have back at the same address. */
export interface Killable {
  readonly grpc: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const metadata: ModelMetadata = { kind: 'summing', form: 'single', sensors: 1, state: [1], entities: {} };
const never = new AbortController().signal;

interface Entity {
  readonly name: string;
  state: Float32Array;
  sum: number;
  seen: number;
}

const entities = (): readonly Entity[] =>
  ['A', 'B', 'C', 'D', 'E'].map((name, at) => ({
    name: `S/${name}`,
    state: Float32Array.of(at),
    sum: at,
    seen: 0,
  }));

/** One run of each entity at the same time, of one to three pieces; whatever came must be what was computed here. */
async function put(
  lane: Sequences,
  all: readonly Entity[],
  random: () => number,
  model = 'summing',
): Promise<readonly RunAnswer[]> {
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  return Promise.all(
    all.map(async (entity) => {
      // Quarters add up to the same in every order.
      const pieces = Array.from({ length: upTo(3) }, () =>
        Float32Array.from({ length: upTo(9) }, () => (upTo(200) - 100) / 4),
      );
      const scores = pieces.map((piece) => piece.map((value) => (entity.sum += value)));
      const run = { entity: entity.name, model, place: 0, from: entity.state, pieces };
      const answer = await lane.run(run, never);
      expect(answer.version).toBe('1');
      expect(answer.pieces.map(({ score }) => score)).toEqual(scores);
      expect(answer.pieces.map(({ reconstruction }) => reconstruction)).toEqual(pieces);
      expect(answer.pieces.map(({ state }) => state)).toEqual(scores.map((score) => score.slice(-1)));
      entity.state = answer.pieces.at(-1)?.state ?? entity.state;
      return answer;
    }),
  );
}

const open = (grpc: string) =>
  openInference({
    addresses: [grpc],
    metadata: new Map([
      ['summing', metadata],
      ['summing_small', metadata],
    ]),
  });

/** The port of src/inference, end to end, on a server with the model `summing`. */
export function scoresThroughThePort(address: () => string): void {
  test('runs of several entities through our port score as computed here, each in one sequence', async () => {
    const random = seeded(seedOfRun());
    const inference = open(address());
    const lane = inference.open(`port.${process.pid}.${Date.now()}`, 5_000);
    try {
      const all = entities();
      const first = await put(lane, all, random);
      for (let turn = 0; turn < 40; turn++) {
        const answers = await put(lane, all, random);
        expect(answers.map(({ sequence }) => sequence)).toEqual(first.map(({ sequence }) => sequence));
      }
    } finally {
      await lane.close();
      inference.close();
    }
  });
}

/** With `summing_small` of two slots: a START too many would wait for one, and all answers behind it. */
export function sharesFewSlots(address: () => string): void {
  test('five entities take turns in two slots', async () => {
    const random = seeded(seedOfRun());
    const inference = open(address());
    const lane = inference.open(`few.${process.pid}.${Date.now()}`, 2_000);
    try {
      const all = entities();
      for (let turn = 0; turn < 20; turn++) await put(lane, all, random, 'summing_small');
    } finally {
      await lane.close();
      inference.close();
    }
  });
}

export function asksThroughThePort(address: () => string): void {
  test('questions of several lengths at once through our port are answered each with its own', async () => {
    const inference = openInference({ addresses: [address()], metadata: new Map() });
    try {
      const asked = Array.from({ length: 100 }, (_, at) => {
        const x = Float32Array.from({ length: 1 + (at % 3) }, () => at / 4);
        const inputs = { x: { shape: [1, x.length], data: x } };
        return inference.ask({ model: 'plain', inputs, timeoutMs: 10_000 }, never).then(({ outputs, version }) => {
          expect(outputs).toEqual({ y: { shape: [1, x.length], data: x.map((value) => 2 * value) } });
          expect(version).toBe('1');
        });
      });
      await Promise.all(asked);
      const wrong = { x: { shape: [1, 1], data: new Float64Array(1) } };
      await expect(inference.ask({ model: 'plain', inputs: wrong, timeoutMs: 10_000 }, never)).rejects.toMatchObject({
        code: 'inference-refused',
        detail: expect.stringContaining("data-type is 'FP64', but model 'plain' expects 'FP32'"),
      });
    } finally {
      inference.close();
    }
  });
}

export function scoresThroughRestarts(begin: () => Promise<Killable>): void {
  test('through our port scores go on where they were after the server was killed', async () => {
    const random = seeded(seedOfRun());
    const server = await begin();
    const inference = open(server.grpc);
    const lane = inference.open('restarts', 5_000);
    const all = entities();
    const held = (): Promise<RunAnswer> => {
      const [{ name, state } = { name: '', state: new Float32Array(1) }] = all;
      return lane.run({ entity: name, model: 'summing', place: 0, from: state, pieces: [Float32Array.of(0)] }, never);
    };
    try {
      for (let life = 0; life < 2; life++) {
        for (let turn = 0; turn < 10; turn++) await put(lane, all, random);
        await server.kill();
        await expect(held()).rejects.toMatchObject({ code: 'inference-unavailable' });
        await server.start();
        // It is tried again after a pause that grows.
        await eventually('the server is found again', held);
      }
      await put(lane, all, random);
    } finally {
      await lane.close();
      inference.close();
      await server.stop();
    }
  }, 60_000);
}

/** What the Python model `summing` of test/support/triton-models.ts computes, for the embedded server. */
export function summingModel(slots = 64): ModelFiles {
  const graph = openGraph('summing');
  const values = graph.input('values', 'FP32', ['N', 'T', 1]);
  const initial = graph.input('h_init', 'FP32', ['N', 1]);
  const start = graph.node('Cast', [graph.input('START', 'FP32', ['N', 1])], { to: 9 });
  const [h, n] = [graph.input('h', 'FP32', ['N', 1]), graph.input('n', 'INT64', ['N', 1])];
  const h0 = graph.node('Where', [start, initial, h]);
  const n0 = graph.node('Where', [start, graph.integers(0), n]);
  const column = graph.node('Squeeze', [values, graph.integers(2)]);
  graph.output('score', 'FP32', ['N', 'T'], 'Add', [h0, graph.node('CumSum', [column, graph.integers(1)])]);
  graph.output('reconstruction', 'FP32', ['N', 'T', 1], 'Identity', [values]);
  const total = graph.node('ReduceSum', [column, graph.integers(1)]);
  const samples = graph.node('Slice', [graph.node('Shape', [values]), graph.integers(1), graph.integers(2)]);
  const [after, count] = [graph.node('Add', [h0, total]), graph.node('Add', [n0, samples])];
  for (const name of ['h_out', 'h_next']) graph.output(name, 'FP32', ['N', 1], 'Identity', [after]);
  for (const name of ['n_out', 'n_next']) graph.output(name, 'INT64', ['N', 1], 'Identity', [count]);
  const state = (name: string, type: string): string =>
    `{ input_name: "${name}" output_name: "${name}_next" data_type: ${type} dims: [ 1 ] initial_state { data_type: ${type} dims: [ 1 ] zero_data: true name: "${name}0" } }`;
  return {
    onnx: Buffer.from(modelFile(graph)),
    config: `backend: "onnxruntime"
max_batch_size: 8
input [ { name: "values" data_type: TYPE_FP32 dims: [ -1, 1 ] }, { name: "h_init" data_type: TYPE_FP32 dims: [ 1 ] } ]
output [
  { name: "reconstruction" data_type: TYPE_FP32 dims: [ -1, 1 ] },
  { name: "score" data_type: TYPE_FP32 dims: [ -1 ] },
  { name: "h_out" data_type: TYPE_FP32 dims: [ 1 ] },
  { name: "n_out" data_type: TYPE_INT64 dims: [ 1 ] }
]
sequence_batching {
  max_sequence_idle_microseconds: 60000000
  oldest { max_candidate_sequences: ${slots} }
  control_input [ { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] } ]
  state [ ${state('h', 'TYPE_FP32')}, ${state('n', 'TYPE_INT64')} ]
}
`,
  };
}
