import { afterAll, expect, test } from '@jest/globals';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

// Of a process that dies, what it had sent may have arrived, and nothing comes any more: for Kafka that is a network that
// swallows everything.
describeWith('kafka', 'a process that dies', ({ bootstrap }) => {
  const events = declaredEvents();
  const stages: CountingStage[] = [];
  const proxies: Proxy[] = [];
  afterAll(async () => {
    for (const proxy of proxies) proxy.behave();
    await Promise.all(stages.map((stage) => stage.close()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  const moments = [
    ['before its results are sent', 'Produce'],
    ['after its results, before its offsets', 'TxnOffsetCommit'],
    ['after its offsets, before its commit', 'EndTxn'],
  ] as const;
  test.each(moments)('%s leaves no trace, and all of its work is done again', async (_, api) => {
    const [stage, proxy] = [await openCountingStage(bootstrap, topicName('crash')), await startProxy()];
    stages.push(stage);
    proxies.push(proxy);
    const first = stage.start(() => undefined, proxy);
    await stage.write(10);
    await eventually('the first batch is committed', async () => (await stage.committed()) === 10n);
    const death = proxy.on({ api }, 'freeze');
    await stage.write(10);
    await eventually('it dies', () => death.hits === 1);
    expect(await stage.outputs()).toEqual(stage.expected(10));
    await first.isDead();
    const second = stage.start(events.emit);
    await eventually('another does it', async () => (await stage.committed()) === 20n, 20_000);
    expect(await stage.outputs()).toEqual(stage.expected(20));
    expect(events.of('lane-opened').map(({ from, restored }) => [from, restored])).toEqual([[10n, 1]]);
    await second.stop();
  });
});
