import { connect } from 'node:http2';
import { bytesOf } from '../../../src/kserve/datatypes.ts';
import { writeFrames } from '../../../src/kserve/frames.ts';
import { encodeInferRequest } from '../../../src/kserve/infer-request.ts';
import { noParameters } from '../../../src/kserve/parts.ts';
import type { ServerProcess } from './server-process.ts';

const everyMs = 2_000;

/** A client that keeps an idle stream awake every two seconds: answered once, and sent away at the third. */
export async function replayPings(server: ServerProcess, saidAtMs: number): Promise<readonly string[]> {
  const session = connect(`http://${server.grpc}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelStreamInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  const goneAway = new Promise<string>((resolve) => {
    session.on('goaway', (code: number, _: number, text?: Buffer) => {
      resolve(`${code} ${text?.toString() ?? ''}`);
    });
    setTimeout(resolve, 20_000, 'nothing').unref();
  });
  const input = (name: string, shape: readonly number[]) => ({
    name,
    datatype: 'FP32',
    shape,
    parameters: noParameters,
  });
  const zeros = bytesOf(new Float32Array(2));
  const frames = writeFrames((bytes) => stream.write(bytes));
  const began = performance.now();
  frames.send(
    encodeInferRequest({
      model: 'acc',
      version: '',
      id: 'ka0',
      parameters: new Map([
        ['sequence_id', { kind: 'string', value: 'ka' }],
        ['sequence_start', { kind: 'bool', value: true }],
      ]),
      inputs: [input('x', [1, 1, 2]), input('h_init', [1, 2])],
      outputs: [],
      raw: [zeros, zeros],
    }),
  );
  const answered = await new Promise<boolean>((resolve) => {
    stream.once('data', (chunk: Buffer) => {
      resolve(chunk.includes('ka0'));
    });
  });
  const pinging = setInterval(() => session.ping(() => undefined), everyMs);
  const said = await goneAway;
  clearInterval(pinging);
  session.destroy();
  const ms = performance.now() - began;
  return [
    ...(answered ? [] : ['the first request is not answered']),
    ...(said === '11 too_many_pings' ? [] : [`sent away with ${said}`]),
    ...(Math.abs(ms - saidAtMs) < 0.3 * saidAtMs ? [] : [`after ${Math.round(ms)} ms, not ${saidAtMs}`]),
  ];
}
