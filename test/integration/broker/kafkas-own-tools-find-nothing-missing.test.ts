import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readByJava } from '../../support/console-consumer.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startEmbeddedKafka, type EmbeddedKafka } from '../../support/embedded-kafka.ts';
import { javaTool } from '../../support/java-tool.ts';

describeWith('cluster', "Kafka's own tools on the embedded broker", () => {
  let broker: EmbeddedKafka;
  beforeAll(async () => {
    broker = await startEmbeddedKafka();
  }, 30_000);
  afterAll(() => broker.stop());

  const tool = (name: string, args: string, input?: string) =>
    javaTool(name, ['--bootstrap-server', broker.bootstrap, ...args.split(' ')], input);
  const lines = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test('a topic is made, written to from a console, and read by a group, which is then described', async () => {
    await tool('TopicCommand', '--create --topic console --partitions 2');
    expect(await tool('TopicCommand', '--describe --topic console')).toContain('PartitionCount: 2');
    await tool('ConsoleProducer', '--topic console', lines(100, 'line ').join('\n'));
    const read = await readByJava(broker.bootstrap, 'console', 3_000);
    expect(read.map(({ value }) => value).sort()).toEqual(lines(100, 'line ').sort());
    await tool('consumer.ConsoleConsumer', '--topic console --from-beginning --group readers --max-messages 100');
    const described = await tool('consumer.group.ConsumerGroupCommand', '--describe --all-groups');
    const ends = [...described.matchAll(/^readers +console +\d +(\d+) +(\d+) +0 /gm)].map(([, own, end]) => [own, end]);
    expect(ends).toHaveLength(2);
    for (const [own, end] of ends) expect(own).toBe(end);
  }, 60_000);

  test('its perf tools write and read 50,000 records', async () => {
    const rates = '--num-records 50000 --record-size 300 --throughput -1 --command-property acks=all';
    expect(await tool('ProducerPerformance', `--topic perf ${rates}`)).toMatch(/^50000 records sent/m);
    expect(await tool('ConsumerPerformance', '--topic perf --num-records 50000')).toMatch(/, 50000, /);
  }, 60_000);

  test('its verifiable producer and consumer miss nothing', async () => {
    const events = (output: string) =>
      output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
    const sent = events(await tool('VerifiableProducer', '--topic verifiable --max-messages 500 --acks -1'));
    expect(sent.filter(({ name }) => name === 'producer_send_success')).toHaveLength(500);
    expect(sent.filter(({ name }) => name === 'producer_send_error')).toEqual([]);
    const group = '--group-id verifiable --max-messages 500 --reset-policy earliest';
    const got = events(await tool('VerifiableConsumer', `--topic verifiable ${group}`));
    const counts = got.flatMap(({ name, count }) => (name === 'records_consumed' ? [Number(count)] : []));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500);
    expect(got.filter(({ name, success }) => name === 'offsets_committed' && success !== true)).toEqual([]);
  }, 60_000);

  test('its transactional copier copies each record once', async () => {
    await tool('TopicCommand', '--create --topic from --partitions 1');
    await tool('TopicCommand', '--create --topic to --partitions 1');
    await tool('ConsoleProducer', '--topic from', lines(100, 'copied ').join('\n'));
    const names = '--input-topic from --input-partition 0 --output-topic to --consumer-group copier';
    const how = '--transactional-id copier --transaction-size 10 --max-messages 100 --use-group-metadata --group-mode';
    await javaTool('TransactionalMessageCopier', ['--broker-list', broker.bootstrap, ...`${names} ${how}`.split(' ')]);
    expect((await readByJava(broker.bootstrap, 'to', 3_000)).map(({ value }) => value)).toEqual(lines(100, 'copied '));
    expect(await tool('TransactionsCommand', 'list')).toMatch(/copier\s+1\s+\d+\s+(CompleteCommit|Empty)/);
  }, 60_000);
});
