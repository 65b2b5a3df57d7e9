import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { recorded } from '../contract/inference/repositories.ts';
import { requestOf } from '../contract/inference/tensors.ts';
import { serve } from './served.ts';

test('while a model computes for a second, health is answered at once', async () => {
  const served = await serve({ slow_plain: recorded('slow_plain', 60) });
  const inputs = [
    { name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] },
    { name: 'ms', datatype: 'INT64', shape: [1, 1], data: [1000] },
  ];
  const computing = served.channel.infer(requestOf({ model_name: 'slow_plain', inputs }), 30_000);
  const times: number[] = [];
  for (let going = true; going;) {
    const began = performance.now();
    await served.channel.call('ServerReady', {}, 5000);
    times.push(performance.now() - began);
    going = await Promise.race([computing.then(() => false), delay(5, true)]);
  }
  times.sort((a, b) => a - b);
  expect(times.length).toBeGreaterThan(20);
  // The median: a test machine has other work, a server that waits for its model would need all of the second.
  expect(times[times.length >> 1]).toBeLessThan(10);
  await served.end();
});
