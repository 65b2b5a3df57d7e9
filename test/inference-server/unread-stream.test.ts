import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from 'node:http2';
import { encodeInferRequest } from '../../src/kserve/infer-request.ts';
import { framed } from '../contract/inference/raw-grpc.ts';
import { eventually } from '../support/eventually.ts';
import { accumulator, rowsSeen, serve, step, type Served } from './served.ts';

let served: Served;
beforeAll(async () => {
  served = await serve({ acc: accumulator() });
});
afterAll(() => served.end());

const rows = Array<number>(1000).fill(1);

test('a client that sends and never reads is not listened to for ever', async () => {
  const session = connect(`http://${served.address}`, { settings: { initialWindowSize: 1024 } });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelStreamInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.pause();
  const more = framed(encodeInferRequest(step('unread', { rows })));
  stream.write(framed(encodeInferRequest(step('unread', { start: true, rows }))));
  // 8 kB of answer to each: without a limit the server would hold 40 MB of them.
  for (let count = 0; count < 5000; count++) stream.write(more);
  const executions = async (): Promise<number> => {
    const { model_stats: stats } = await served.channel.call('ModelStatistics', { name: 'acc' }, 5000);
    return (stats as { execution_count: number }[])[0]?.execution_count ?? 0;
  };
  let before = -1;
  const settled = await eventually('no more requests are taken', async () => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    const now = await executions();
    const same = now > 0 && now === before;
    before = now;
    return same ? now : undefined;
  });
  expect(settled).toBeGreaterThan(0);
  // A megabyte unsent, and what had come with the request that was one too many.
  expect(settled).toBeLessThan(2000);
  expect(await rowsSeen(served, step('another', { start: true, end: true }))).toBe(1);
  stream.destroy();
  session.destroy();
});
