import { arrayOver, bytesOf } from '../../src/kserve/datatypes.ts';
import type { InferRequest, InferResponse, StreamResponse } from '../../src/kserve/infer.ts';
import { noParameters } from '../../src/kserve/parts.ts';
import { serveGrpc, type GrpcServer } from '../../src/kserve/server.ts';
import type { StreamCall } from '../../src/kserve/service.ts';

/** What befalls a request instead of its answer, or with it. */
export type Mischief = 'no answer' | 'lie about the steps' | 'die' | 'stop';

export interface SequenceServer {
  readonly address: string;
  /** Correlation ids that were started, in order. */
  readonly starts: readonly string[];
  readonly ends: readonly string[];
  /** All that matters, in the order in which it came: `START id`, `END id`, and `UNKNOWN id` for what it does not hold. */
  readonly log: readonly string[];
  /** The most that were open at a time. */
  readonly mostOpen: number;
  /** Of those that were started, the ones that are neither ended nor forgotten. */
  open(): readonly string[];
  /** For the request after so many more. */
  befall(mischief: Mischief, after?: number): void;
  /** As after a restart, or when all were idle for too long. */
  forget(): void;
  /** Cuts every connection; comes back at the same port with `restart`. */
  die(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface Sequence {
  state: number;
  steps: number;
}

export interface SequenceServerOptions {
  readonly idleMicroseconds?: number;
  /** What it says that it has; nobody waits here. */
  readonly slots?: number;
}

/** A server with the sequence rules of Triton and a model of one sensor that adds up all it sees. */
export async function startSequenceServer(options: SequenceServerOptions = {}): Promise<SequenceServer> {
  const { idleMicroseconds = 600_000_000, slots = 1_000 } = options;
  const sequences = new Map<string, Sequence>();
  const log: string[] = [];
  let mostOpen = 0;
  const planned = new Map<number, Mischief>();
  let count = 0;
  let stopping = false;
  let server: GrpcServer | undefined;

  const parameter = ({ parameters }: InferRequest, name: string) => parameters.get(name)?.value;
  const step = (request: InferRequest, mischief: Mischief | undefined): StreamResponse => {
    const id = String(parameter(request, 'sequence_id'));
    const empty: InferResponse = { model: '', version: '', id: request.id, parameters: noParameters, outputs: [] };
    const [values = new Float32Array(), initial = new Float32Array()] = request.raw.map((raw) =>
      arrayOver('FP32', raw),
    );
    if (parameter(request, 'sequence_start') === true) {
      if (stopping)
        return {
          error: 'Server is stopping, scheduler for model has stopped accepting new inference requests',
          response: empty,
        };
      log.push(`START ${id}`);
      sequences.set(id, { state: initial[0] ?? 0, steps: 0 });
      mostOpen = Math.max(mostOpen, sequences.size);
    }
    const sequence = sequences.get(id);
    if (sequence === undefined) {
      log.push(`UNKNOWN ${id}`);
      return {
        error: `inference request for sequence ${id} to model 'm' must specify the START flag on the first request of the sequence`,
        response: empty,
      };
    }
    const score = values.map((value) => (sequence.state = Math.fround(sequence.state + value)));
    sequence.steps += values.length;
    if (parameter(request, 'sequence_end') === true) {
      log.push(`END ${id}`);
      sequences.delete(id);
    }
    const steps = BigInt(sequence.steps + (mischief === 'lie about the steps' ? 1 : 0));
    const outputs: InferResponse['outputs'] = [
      { name: 'h_out', datatype: 'FP32', shape: [1, 1], bytes: bytesOf(Float32Array.of(sequence.state)) },
      { name: 'n_out', datatype: 'INT64', shape: [1, 1], bytes: bytesOf(BigInt64Array.of(steps)) },
      { name: 'reconstruction', datatype: 'FP32', shape: [1, values.length, 1], bytes: bytesOf(values.slice()) },
      { name: 'score', datatype: 'FP32', shape: [1, values.length], bytes: bytesOf(score) },
    ];
    return { error: '', response: { ...empty, model: 'm', version: '3', outputs } };
  };

  const take = (call: StreamCall, request: InferRequest): void => {
    const mischief = planned.get(count);
    planned.delete(count++);
    if (mischief === 'stop') stopping = true;
    const response = step(request, mischief);
    if (mischief === 'die') die().catch(() => undefined);
    else if (mischief !== 'no answer') call.write(response);
  };
  const tensor = (name: string, type: string, dims: readonly number[]) => ({ name, data_type: type, dims });
  const config = {
    name: 'm',
    input: [
      tensor('values', 'TYPE_FP32', [-1, 1]),
      tensor('h_init', 'TYPE_FP32', [1]),
      tensor('entity', 'TYPE_INT64', [1]),
    ],
    output: [
      tensor('reconstruction', 'TYPE_FP32', [-1, 1]),
      tensor('score', 'TYPE_FP32', [-1]),
      tensor('h_out', 'TYPE_FP32', [1]),
      tensor('n_out', 'TYPE_INT64', [1]),
    ],
    sequence_batching: { max_sequence_idle_microseconds: idleMicroseconds, oldest: { max_candidate_sequences: slots } },
  };
  const listen = async (port: number): Promise<void> => {
    server = await serveGrpc(
      {
        infer: () => () => undefined,
        stream: (call) => ({
          request: (request) => {
            take(call, request);
          },
          garbled: (refusal) => {
            call.end(refusal);
          },
          halfClosed: () => {
            call.end();
          },
          cancelled: () => undefined,
          drained: () => undefined,
        }),
        call: () => Promise.resolve({ config }),
        health: () => 'SERVING',
      },
      { host: '127.0.0.1', port },
    );
  };
  const die = async (): Promise<void> => {
    sequences.clear();
    stopping = false;
    const closed = server?.close();
    server?.cut();
    await closed;
  };
  const logged = (what: 'START' | 'END'): readonly string[] =>
    log.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  await listen(0);
  const port = server?.port ?? 0;
  return {
    address: `127.0.0.1:${port}`,
    get starts() {
      return logged('START');
    },
    get ends() {
      return logged('END');
    },
    log,
    get mostOpen() {
      return mostOpen;
    },
    open: () => [...sequences.keys()],
    befall: (mischief, after = 0) => {
      planned.set(count + after, mischief);
    },
    forget: () => {
      sequences.clear();
    },
    die,
    restart: () => listen(port),
    close: die,
  };
}
