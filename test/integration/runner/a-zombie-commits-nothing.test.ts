import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a process that was taken for dead', ({ bootstrap }) => {
  const [zombie, owner] = [declaredEvents(), declaredEvents()];
  let stage: CountingStage;
  let proxy: Proxy;
  beforeAll(async () => {
    stage = await openCountingStage(bootstrap, topicName('zombie'));
    proxy = await startProxy();
  });
  afterAll(async () => {
    await stage.close();
    await proxy.stop();
  });

  test('and comes back in the middle of a commit commits nothing, lets go, and joins as somebody new', async () => {
    zombie.declare('not-committed', 'fenced', 'retrying');
    const first = stage.start(zombie.emit, proxy);
    await stage.write(10);
    await eventually('the first batch is committed', async () => (await stage.committed()) === 10n);
    const stopped = proxy.on({ api: 'EndTxn' }, 'freeze');
    await stage.write(10);
    await eventually('it stands still', () => stopped.hits === 1);
    await first.isDead();
    const second = stage.start(owner.emit);
    await eventually('another has done its work', async () => (await stage.committed()) === 20n, 20_000);
    const committedBefore = zombie.of('committed').length;
    proxy.behave();
    await eventually('it comes back', () => zombie.of('generation').length > 1, 20_000);
    await stage.write(10);
    await eventually('all is done', async () => (await stage.committed()) === 30n, 20_000);
    expect(await stage.outputs()).toEqual(stage.expected(30));
    const late = zombie.of('committed').slice(committedBefore);
    expect(late.flatMap(({ lanes }) => lanes.map(({ offset }) => offset)).filter((offset) => offset <= 20n)).toEqual(
      [],
    );
    await Promise.all([first.stop(), second.stop()]);
  });
});
