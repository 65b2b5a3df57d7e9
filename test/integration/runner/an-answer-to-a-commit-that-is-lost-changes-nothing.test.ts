import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a commit', ({ bootstrap }) => {
  const events = declaredEvents();
  let stage: CountingStage;
  let proxy: Proxy;
  beforeAll(async () => {
    stage = await openCountingStage(bootstrap, topicName('lost'));
    proxy = await startProxy();
  });
  afterAll(async () => {
    await stage.close();
    await proxy.stop();
  });

  test('whose answer is lost, or that never arrives, is asked for again until it is known', async () => {
    const running = stage.start(events.emit, proxy);
    for (const [round, action] of (['lose answer', 'drop request', 'lose answer'] as const).entries()) {
      const rule = proxy.on({ api: 'EndTxn' }, action);
      await stage.write(10);
      const done = BigInt(10 * (round + 1));
      await eventually('it is committed', async () => (await stage.committed()) === done, 20_000);
      expect(rule.hits).toBe(1);
    }
    expect(await stage.outputs()).toEqual(stage.expected(30));
    // The lane went on: nothing was opened anew.
    expect(events.of('lane-opened')).toHaveLength(1);
    await running.stop();
  });
});
