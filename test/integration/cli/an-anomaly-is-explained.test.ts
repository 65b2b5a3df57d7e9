import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { inRecords, levels } from '../../pipeline/anomalies/busy-stretches.ts';
import { beginVerb } from '../../support/begin-verb.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { quietKafka } from '../../support/kafka-client.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

const text = (prefix: string, busyFactor: number): string => `topology: watched
prefix: ${prefix}.
partitions: 2
topics:
  scores: { schemas: [scores] }
  anomalies: { schemas: [anomaly] }
  state: { schemas: [detector-state], cleanup: compact }
  dead:
deadLetters: dead
stages:
  detect: { from: scores, to: anomalies, checkpoints: state, settings: { sensors: [level], busyFactor: ${busyFactor} } }
fleet:
  each: { sensors: [bit, level], model: m }
  satellites: { S: { A-1, A-2 } }
`;

describeWith('kafka', 'an anomaly that detect told of', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('explained');
  const topology = topologyOf(text(prefix, 1.3), declarations);
  let [folder, file, changed] = ['', '', ''];
  let log: SmallLog;
  let registry: RunningRegistry;

  const downlink = async (...args: readonly string[]) => {
    const verb = beginVerb(args, { DOWNLINK_KAFKA: bootstrap, DOWNLINK_REGISTRY: registry.url }, false);
    const code = await verb.ended;
    return { code, out: verb.out(), err: verb.err() };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'downlink-explained-'));
    [file, changed] = [join(folder, 'watched.yaml'), join(folder, 'changed.yaml')];
    writeFileSync(file, text(prefix, 1.3));
    writeFileSync(changed, text(prefix, 2));
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
    registry = await startRegistry({ log: memoryLog() });
    const schemas = await registerSchemas(topology, openRegistry(registry));
    const encoder = writerOf('scores', schemas.find(({ schema }) => schema === 'scores')?.id ?? 0);
    // Each record has one of another entity behind it, in the same partition.
    const records = inRecords(levels(2_400, 2_000), 20).flatMap(({ scores }) =>
      ['A-1', 'A-2'].map((entity) => {
        const values = entity === 'A-1' ? scores.values : new Float32Array(scores.values.length);
        const value = encoder.encode({ ...scores, entity, values });
        return { key: `S/${entity}`, value, timestamp: Date.now() };
      }),
    );
    await openIdempotentWriter(log.cluster).write([{ topic: `${prefix}.scores`, partition: 1, records }]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([log.close(), registry.close()]);
    rmSync(folder, { recursive: true });
  });

  test('is listed, shown, and comes to the same from its scores, until the settings are others or the scores are gone', async () => {
    const settings = settingsOf(topology, bootstrap, registry.url);
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    const running = await runTopology({ settings, definitions: declarations, emit: events.emit, onFailure });
    const listed = async () => {
      const { out } = await downlink('anomalies', 'ls', '--topology', file, '--entity', 'A-1', '--json');
      return out.map((line) => JSON.parse(line) as { id: string; state: string; begin_index: number });
    };
    await eventually('one is closed', async () => (await listed()).some(({ state }) => state === 'closed'), 20_000);
    await running?.stop();
    expect(failures).toEqual([]);
    const [first] = (await listed()).slice(-1);
    const { id = '', begin_index: begin = 0 } = first ?? {};
    expect(id).toBe(`S/A-1:RQDG:${begin}`);

    const ls = await downlink('anomalies', 'ls', '--topology', file);
    expect(ls).toMatchObject({
      code: 0,
      err: [],
      out: [expect.stringMatching(/^anomaly +begin +end +state +severity/), ...ls.out.slice(1)],
    });
    const line = new RegExp(`^${id} +1970-.* closed +\\d+\\.\\d\\d +too-busy.* level `);
    expect(ls.out.filter((one) => one.startsWith(`${id} `))).toEqual([expect.stringMatching(line)]);

    const show = await downlink('anomalies', 'show', id, '--topology', file);
    expect(show).toMatchObject({ code: 0, err: [] });
    expect(show.out[0]).toBe(`${id}  closed`);
    expect(
      show.out.filter((one) => one.includes(`${prefix}.anomalies 1:`)).map((one) => one.trim().split(' ')[0]),
    ).toEqual(expect.arrayContaining(['opened', 'closed']));

    const explained = await downlink('anomalies', 'explain', id, '--topology', file);
    expect([explained.code, explained.err, explained.out.at(-1)]).toEqual([0, [], 'It comes to the same, to the bit.']);
    expect(explained.out).toContainEqual(expect.stringMatching(/^severity +\d+\.\d+ +the same$/));
    expect(explained.out).toContainEqual(
      expect.stringMatching(new RegExp(`^${begin} begin .* level .* \\d+\\.\\d+ !`)),
    );

    const other = await downlink('anomalies', 'explain', id, '--topology', changed);
    expect([other.code, other.err]).toEqual([1, []]);
    expect(other.out.at(-1)).toBe(
      'It does not come to the same: with the busyFactor 1.3 it does; in the topology it is 2 now.',
    );

    const unknown = await downlink('anomalies', 'explain', `${id}0`, '--topology', file);
    expect([unknown.code, unknown.err[0]]).toEqual([1, expect.stringContaining(`did you mean \`${id}\`?`)]);
    expect(await downlink('anomalies', 'ls', '--topology', file, '--entity', 'A-11')).toMatchObject({
      code: 2,
      err: [expect.stringContaining('did you mean')],
    });

    await removeScores();
    const gone = await downlink('anomalies', 'explain', id, '--topology', file);
    expect([gone.code, gone.err]).toEqual([1, []]);
    expect(gone.out.at(-1)).toMatch(
      /^It cannot be computed again: records of scores were removed: it needs .* 1:\d+ on, and the log begins at 240\.$/,
    );
  }, 60_000);

  /** As retention does. */
  async function removeScores(): Promise<void> {
    const admin = quietKafka(bootstrap).admin();
    await admin.connect();
    const topic = `${prefix}.scores`;
    // kafkajs deletes only where it has asked for something before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '-1' }] });
    await admin.disconnect();
  }
});
