import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLanes, type Lane, type Lanes } from '../../../src/kafka/group/lanes.ts';
import { openFetcher, type Fetcher } from '../../../src/kafka/reader/fetcher.ts';
import { openCluster, type Cluster } from '../../../src/kafka/cluster.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the lanes of a group', ({ bootstrap }) => {
  const admin = quietKafka(bootstrap).admin();
  const topic = topicName('lanes');
  const config = { brokers: bootstrap.split(','), clientId: 'lanes-test' };
  const positions = new Map<number, bigint>();
  const seen: string[] = [];
  const busy = new Set<string>();
  const overlaps: string[] = [];
  const failures: unknown[] = [];
  let cluster: Cluster;
  const fetchers: Fetcher[] = [];

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
    cluster = openCluster(config);
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), cluster.close(), ...fetchers.map((fetcher) => fetcher.close())]);
  });

  const member = (name: string): Lanes => {
    const fetcher = openFetcher({ config });
    fetchers.push(fetcher);
    const run = async (lane: Lane): Promise<void> => {
      const { partition } = lane.partition;
      const mine = `${name} ${partition}`;
      if (busy.has(mine)) overlaps.push(mine);
      busy.add(mine);
      try {
        const source = lane.read(positions.get(partition) ?? 0n);
        while (!lane.signal.aborted) {
          const chunk = await source.next();
          for (const { value } of chunk.records()) seen.push(String(value));
          expect(lane.guard()?.generation).toBeGreaterThan(0);
          positions.set(partition, chunk.position);
        }
      } finally {
        busy.delete(mine);
      }
    };
    return openLanes({
      config,
      fetcher,
      group: `${topic}-group`,
      topics: [topic],
      run,
      onFailure: (error) => failures.push(error),
    });
  };
  const partitionsOf = (lanes: Lanes) => lanes.partitions.map(({ partition }) => partition).sort();

  test('follow the partitions: begun where one comes, ended where one goes, untouched where one stays', async () => {
    const writer = openIdempotentWriter(cluster);
    const write = (value: string) =>
      writer.write(
        [0, 1, 2, 3].map((partition) => ({ topic, partition, records: [{ key: null, value, timestamp: Date.now() }] })),
      );
    const all = (value: string) =>
      eventually(`${value} is read everywhere`, () => seen.filter((one) => one === value).length === 4);

    const first = member('first');
    await eventually('the first has all', () => first.partitions.length === 4);
    await write('one');
    await all('one');
    const second = member('second');
    await eventually('both have half', () => second.partitions.length === 2 && first.partitions.length === 2);
    expect([...partitionsOf(first), ...partitionsOf(second)].sort()).toEqual([0, 1, 2, 3]);
    await write('two');
    await all('two');
    await first.close();
    expect(first.partitions).toEqual([]);
    await eventually('the second has all', () => second.partitions.length === 4);
    await write('three');
    await all('three');
    await second.close();
    expect([busy.size, overlaps, failures]).toEqual([0, [], []]);
  });
});
