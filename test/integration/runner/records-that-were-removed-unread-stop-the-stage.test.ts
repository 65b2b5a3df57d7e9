import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'retention', ({ bootstrap }) => {
  const events = declaredEvents();
  let stage: CountingStage;
  beforeAll(async () => {
    stage = await openCountingStage(bootstrap, topicName('retention'));
  });
  afterAll(() => stage.close());

  test('that passed the committed offset is an alarm and a stop, never a jump', async () => {
    const first = stage.start(events.emit);
    await stage.write(10);
    await eventually('the first batch is committed', async () => (await stage.committed()) === 10n);
    await first.stop();
    await stage.write(10);
    // kafkajs finds the leader only of a topic that it has been asked about.
    await stage.admin.fetchTopicOffsets(stage.names.from);
    await stage.admin.deleteTopicRecords({ topic: stage.names.from, partitions: [{ partition: 0, offset: '15' }] });
    events.declare('failed');
    const second = stage.start(events.emit);
    await eventually('it stops', () => second.failures.length === 1);
    expect(second.failures[0]).toMatchObject({ code: 'position-outside-log' });
    expect(second.failures[0]?.message).toContain('position 10 is outside the log, which holds 15 to 20');
    expect(await stage.committed()).toBe(10n);
    expect(await stage.outputs()).toEqual(stage.expected(10));
  });
});
