import { describe, expect, test } from '@jest/globals';
import { arrayOver, bytesOf, joinElements, sizes, splitElements } from '../../src/kserve/datatypes.ts';
import type { Contents, InferRequest, InferResponse, Parameter } from '../../src/kserve/infer.ts';
import { decodeInferRequest, encodeInferRequest } from '../../src/kserve/infer-request.ts';
import { decodeStreamResponse, encodeInferResponse, encodeStreamResponse } from '../../src/kserve/infer-response.ts';
import { decodeMessage, encodeMessage, messageType } from '../../src/kserve/messages.ts';
import { Malformed } from '../../src/kserve/wire.ts';
import { seeded } from '../support/random.ts';

interface Random {
  fraction(): number;
  below(limit: number): number;
  pick<T>(among: readonly [T, ...T[]]): T;
}

function randomFrom(seed: number): Random {
  const fraction = seeded(seed);
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return { fraction, below, pick: (among) => among[below(among.length)] ?? among[0] };
}

const contents: readonly [(random: Random) => Contents, ...((random: Random) => Contents)[]] = [
  () => ({ field: 'bool', values: [true, false] }),
  (random) => ({ field: 'int', values: [-1, 0, random.below(2 ** 31)] }),
  () => ({ field: 'int64', values: [-(2n ** 63n), 5n, 2n ** 63n - 1n] }),
  () => ({ field: 'uint', values: [0, 2 ** 32 - 1] }),
  () => ({ field: 'uint64', values: [2n ** 64n - 1n] }),
  () => ({ field: 'fp32', values: [1.5, -0.25] }),
  (random) => ({ field: 'fp64', values: [random.fraction()] }),
  () => ({ field: 'bytes', values: [Buffer.from('é'), Buffer.alloc(0)] }),
];

const names = ['', 'x', 'values', 'SAT-001/A-1@1.2.3', 'ä'.repeat(40), 'n'.repeat(300)] as const;

function requestOf(random: Random): InferRequest {
  const name = (): string => random.pick(names);
  const parameter = (): Parameter =>
    random.pick<Parameter>([
      { kind: 'bool', value: true },
      { kind: 'int64', value: -7n },
      { kind: 'uint64', value: 2n ** 64n - 1n },
      { kind: 'string', value: name() },
      { kind: 'double', value: -0.1 },
    ]);
  const parameters = () => new Map(Array.from({ length: random.below(3) }, (_, at) => [`p${at}`, parameter()]));
  const many = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make);
  return {
    model: name(),
    version: name(),
    id: name(),
    parameters: parameters(),
    inputs: many(() => ({
      name: name(),
      datatype: random.pick(['FP32', 'BYTES', 'nonsense']),
      shape: many(() => random.pick([-1, 0, 1, 127, 128, 70_000, 2 ** 40])),
      parameters: parameters(),
      ...(random.below(3) === 0 ? { contents: random.pick(contents)(random) } : {}),
    })),
    outputs: many(() => ({ name: name(), parameters: parameters() })),
    raw: many(() => Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)))),
  };
}

describe('the messages of inference', () => {
  test('are read back as they were written, and by a general library as well: 500 random requests', () => {
    const random = randomFrom(11);
    const type = messageType('ModelInferRequest');
    for (let round = 0; round < 500; round++) {
      const request = requestOf(random);
      const bytes = encodeInferRequest(request);
      expect(decodeInferRequest(bytes)).toEqual({ ...request, raw: request.raw.map((one) => Buffer.from(one)) });
      // The library's own encoding of what it understood is read as the same.
      const again = Buffer.from(type.encode(type.decode(bytes)).finish());
      expect(decodeInferRequest(again)).toEqual(decodeInferRequest(bytes));
    }
  });

  test('carry answers and errors on a stream', () => {
    const response: InferResponse = {
      model: 'm',
      version: '1',
      id: 'SAT-001/A-1',
      parameters: new Map([['triton_final_response', { kind: 'bool', value: true }]]),
      outputs: [
        { name: 'score', datatype: 'FP32', shape: [1, 2], bytes: Buffer.from(bytesOf(new Float32Array([1, 2]))) },
        { name: 'n_out', datatype: 'INT64', shape: [1, 1], bytes: Buffer.from(bytesOf(new BigInt64Array([8n]))) },
      ],
    };
    expect(decodeStreamResponse(Buffer.concat(encodeStreamResponse({ error: '', response })))).toEqual({
      error: '',
      response,
    });
    const refused = { error: 'must specify the START flag', response: { ...response, outputs: [] } };
    expect(decodeStreamResponse(Buffer.concat(encodeStreamResponse(refused)))).toEqual(refused);
    expect(decodeMessage('ModelInferResponse', Buffer.concat(encodeInferResponse(response)))).toMatchObject({
      model_name: 'm',
      outputs: [
        { name: 'score', datatype: 'FP32', shape: [1, 2] },
        { name: 'n_out', shape: [1, 1] },
      ],
    });
  });

  test('are refused when they are damaged: 5,000 mutations are read or malformed', () => {
    const random = randomFrom(12);
    for (let round = 0; round < 5_000; round++) {
      const bytes = encodeInferRequest(requestOf(random));
      const damaged = bytes.subarray(0, random.below(bytes.length + 1));
      for (let flips = random.below(4); flips > 0 && damaged.length > 0; flips--)
        damaged[random.below(damaged.length)] = random.below(256);
      try {
        decodeInferRequest(damaged);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Malformed);
      }
    }
  });
});

describe('tensors', () => {
  test('are arrays over the bytes of the message where those are aligned, and copies where not', () => {
    const bytes = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
    expect(arrayOver('FP32', bytes).buffer).toBe(bytes.buffer);
    const shifted = Buffer.from(new ArrayBuffer(13));
    shifted.set(bytes, 1);
    expect([...arrayOver('FP32', shifted.subarray(1))]).toEqual([1, 2, 3]);
  });

  test('of BYTES have a length before each element, and lengths that lie are noticed', () => {
    const elements = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
    const joined = joinElements(elements);
    expect(splitElements(joined)?.map(String)).toEqual(['one', '', 'three']);
    expect(splitElements(joined.subarray(0, joined.length - 1))).toBeUndefined();
    expect(splitElements(Buffer.from([1, 0]))).toBeUndefined();
  });

  test('have elements of the size that the protocol says', () => {
    for (const [datatype, size] of Object.entries(sizes))
      if (datatype !== 'BYTES')
        expect(arrayOver(datatype as Exclude<keyof typeof sizes, 'BYTES'>, new Uint8Array(16)).length).toBe(16 / size);
  });
});

test('other messages are plain objects', () => {
  const config = {
    config: { name: 'm', max_batch_size: 8, input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1] }] },
  };
  expect(decodeMessage('ModelConfigResponse', encodeMessage('ModelConfigResponse', config))).toMatchObject(config);
});
