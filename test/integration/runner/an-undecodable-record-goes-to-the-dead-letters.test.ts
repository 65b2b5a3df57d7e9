import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a record that cannot be decoded', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('bad');
  const definitions = [copyStage({ schema: 'samples' })];
  const topology = topologyOf(smallText(prefix, 1, 'samples'), definitions);
  let log: SmallLog;
  let registry: RunningRegistry;
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
    registry = await startRegistry({ log: memoryLog() });
  });
  afterAll(() => Promise.all([log.close(), registry.close()]));

  test('goes to the dead letters byte for byte with its reason, and those around it go on', async () => {
    events.declare('rejected');
    const [schema] = await registerSchemas(topology, openRegistry(registry));
    const good = writerOf('samples', schema?.id ?? 0).encode({
      satellite_id: 'SAT-001',
      entity: 'A-1',
      timestamps: [1],
      indices: null,
      values: Float32Array.of(0.5),
    });
    const [unframed, short] = [Buffer.from([9, 8, 7]), good.subarray(0, good.length - 2)];
    await log.write(`${prefix}.in`, [[good, unframed, short, good]]);

    const failures: unknown[] = [];
    const running = await runTopology({
      settings: settingsOf(topology, bootstrap, registry.url),
      definitions,
      emit: events.emit,
      onFailure: (error) => failures.push(error),
    });
    await eventually('both good ones are out', async () => (await log.records(`${prefix}.out`, 0)).length === 2);
    await running?.stop();
    const letters = (await log.records(`${prefix}.dead`, 0)).map((letter) => {
      const headers = new Map(letter.headers().map(([name, value]) => [name, String(value)]));
      const said = ['code', 'phase', 'stage', 'topic', 'offset'].map((name) => headers.get(`downlink.${name}`));
      return [letter.value, ...said];
    });
    expect(letters).toEqual([
      [unframed, 'record-unframed', 'decode', 'copy', `${prefix}.in`, '1'],
      [short, 'record-corrupt', 'decode', 'copy', `${prefix}.in`, '2'],
    ]);
    expect([failures, await log.committed(`${prefix}.small.copy`, `${prefix}.in`, 1)]).toEqual([[], [4]]);
    expect(events.of('rejected').map(({ code }) => code)).toEqual(['record-unframed', 'record-corrupt']);
  });
});
