import { InferenceSession, Tensor } from 'onnxruntime-node';
import { parentPort } from 'node:worker_threads';
import {
  aligned,
  product,
  type FromThread,
  type Load,
  type Run,
  type TensorInfo,
  type ToThread,
  type Wiring,
} from './protocol.ts';

/** A thread that runs models: ONNX Runtime blocks whoever calls it, and the server's own thread must answer meanwhile. */

interface Open {
  readonly session: InferenceSession;
  wiring: Wiring;
}

type Elements = Exclude<Tensor['data'], string[]>;

const constructors: Readonly<
  Record<
    string,
    new (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }
  >
> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

const open = new Map<number, Promise<Open>>();

const infoOf = (metadata: InferenceSession.ValueMetadata): TensorInfo => {
  if (!metadata.isTensor) return { name: metadata.name, type: undefined, dims: [] };
  const dims = metadata.shape.map((length) => (typeof length === 'number' ? length : -1));
  return { name: metadata.name, type: metadata.type, dims };
};

async function load({ source, options, session }: Load): Promise<InferenceSession> {
  const loading =
    typeof source === 'string'
      ? InferenceSession.create(source, { ...options })
      : InferenceSession.create(source, { ...options });
  const opened = loading.then((created): Open => ({ session: created, wiring: { feeds: [], fetches: [] } }));
  // A failure is told where it is waited for.
  opened.catch(() => undefined);
  open.set(session, opened);
  return loading;
}

async function run({ job, session, buffer, shapes, texts }: Run): Promise<[FromThread, ArrayBuffer[]]> {
  const opened = await open.get(session);
  if (opened === undefined) throw new Error('the session is not loaded');
  const { feeds, fetches } = opened.wiring;
  const inputs: Record<string, Tensor> = {};
  let at = 0;
  feeds.forEach(({ name, type }, index) => {
    const shape = shapes[index] ?? [];
    const words = texts[index];
    if (words !== undefined) {
      inputs[name] = new Tensor('string', [...words], shape);
      return;
    }
    const Elements = constructors[type] ?? Uint8Array;
    const view = new Elements(buffer, at, product(shape));
    inputs[name] = new Tensor(type as Tensor.Type, view as Elements, shape);
    at += aligned(view.byteLength);
  });
  const began = performance.now();
  const results = await opened.session.run(inputs, fetches);
  const microseconds = (performance.now() - began) * 1000;

  const tensors = fetches.map((name) => results[name]);
  let size = 0;
  for (const tensor of tensors) if (ArrayBuffer.isView(tensor?.data)) size += aligned(tensor.data.byteLength);
  const gathered = new ArrayBuffer(size);
  const bytes = new Uint8Array(gathered);
  at = 0;
  const starts: number[] = [];
  const words = tensors.map((tensor) => {
    const data = tensor?.data;
    starts.push(at);
    if (!ArrayBuffer.isView(data)) return data;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += aligned(data.byteLength);
    return undefined;
  });
  const dims = tensors.map((tensor) => tensor?.dims ?? []);
  starts.push(at);
  const done: FromThread = {
    kind: 'done',
    job,
    buffer: gathered,
    shapes: dims,
    texts: words,
    starts,
    used: buffer,
    microseconds,
  };
  return [done, [gathered, buffer]];
}

async function answer(message: ToThread): Promise<void> {
  if (message.kind === 'load') {
    const session = await load(message);
    const { job } = message;
    tell({
      kind: 'loaded',
      job,
      inputs: session.inputMetadata.map(infoOf),
      outputs: session.outputMetadata.map(infoOf),
    });
  } else if (message.kind === 'run') {
    tell(...(await run(message)));
  } else if (message.kind === 'wire') {
    const opened = await open.get(message.session);
    if (opened !== undefined) opened.wiring = message;
  } else if (message.kind === 'end') {
    parentPort?.close();
  } else {
    const opened = open.get(message.session);
    open.delete(message.session);
    await (await opened)?.session.release();
  }
}

function tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on('message', (message: ToThread) => {
  answer(message).catch((thrown: unknown) => {
    if ('job' in message)
      tell({ kind: 'failed', job: message.job, message: thrown instanceof Error ? thrown.message : String(thrown) });
  });
});
