import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { classify, type DownlinkError } from '../../../src/errors.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a number of partitions that changed', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('grow');
  const definitions = [copyStage()];
  const topology = topologyOf(smallText(prefix, 2), definitions);
  const source = `${prefix}.in`;
  let log: SmallLog;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
  });
  afterAll(() => log.close());

  const start = async (recheckMs: number) => {
    const failures: DownlinkError[] = [];
    const running = await runTopology({
      settings: settingsOf(topology, bootstrap),
      definitions,
      recheckMs,
      emit: events.emit,
      onFailure: (error) => failures.push(error),
    });
    if (running === undefined) throw new Error('nothing runs');
    return { ...running, failures };
  };

  test('stops who runs, at the next look or the next generation, and is refused at a start', async () => {
    events.declare('failed');
    const [looking, joining] = [await start(100), await start(1e9)];
    await eventually('both have one', () => {
      const last = events.of('generation').slice(-2);
      return last.length === 2 && last.every(({ partitions }) => partitions.length === 1);
    });
    const admin = quietKafka(bootstrap).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: source, count: 3 }] });
    await admin.disconnect();
    await eventually('one sees it by itself', () => looking.failures.length > 0);
    await looking.stop();
    // Its leaving makes a generation, in which the other would have the new partition.
    await eventually('the other sees it then', () => joining.failures.length > 0);
    await log.write(source, [['a'], ['b'], ['c']]);
    await joining.stop();
    for (const { failures } of [looking, joining]) {
      expect(failures[0]).toMatchObject({ code: 'config-invalid', detail: expect.stringContaining(source) });
      expect(failures[0]?.detail).toContain('had 2 partitions at the start and has 3 now');
    }
    const refused = await start(1e9).then(undefined, classify);
    const detail = `${source} has 3 partitions and ${prefix}.out has 2, but stage copy keeps the partition of what it reads`;
    expect(refused).toMatchObject({ code: 'config-invalid', detail: expect.stringContaining(detail) });
    expect(refused).toMatchObject({ detail: expect.stringContaining('downlink topics plan') });
  });
});
