import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { openStatus, type StatusReader } from '../../../src/pipeline/status.ts';
import { emitTo } from '../../../src/telemetry/events.ts';
import { openMetrics } from '../../../src/telemetry/metrics.ts';
import { openReadiness } from '../../../src/telemetry/readiness.ts';
import { startTelemetry, type TelemetryServer } from '../../../src/telemetry/server.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'the status', ({ bootstrap }) => {
  const events = declaredEvents();
  const metrics = openMetrics();
  const prefix = topicName('status');
  const definitions = [copyStage()];
  const topology = topologyOf(smallText(prefix, 2), definitions);
  const settings = settingsOf(topology, bootstrap);
  let [log, server, reader] = [] as unknown as [SmallLog, TelemetryServer, StatusReader];
  beforeAll(async () => {
    await createTopics(topology, bootstrap);
    log = openSmallLog(bootstrap);
    server = await startTelemetry({ metrics, readiness: openReadiness([]), host: '127.0.0.1', port: 0 });
    if (settings.environment.kafka === undefined) throw new Error('no Kafka');
    reader = openStatus(topology, settings.environment.kafka, [server.url]);
  });
  afterAll(() => Promise.all([log.close(), server.close(), reader.close()]));

  test('tells of each lane who has it, its lag, what it refused and how it commits', async () => {
    await log.write(`${prefix}.in`, [['a', 'b', 'c'], []]);
    const before = await reader.read();
    expect(before.groups).toEqual([{ group: `${prefix}.small.copy`, state: 'Dead', members: 0 }]);
    expect(before.lanes[0]).toMatchObject({ stage: 'copy', partition: 0, lagRecords: 3, deadLetters: 0 });
    expect([before.lanes[0]?.member, before.lanes[0]?.form, before.lanes[1]?.lagRecords]).toEqual([
      undefined,
      undefined,
      0,
    ]);
    expect(before.lanes[0]?.lagSeconds).toBeGreaterThan(0);

    const running = await runTopology({
      settings,
      definitions,
      emit: emitTo(events.emit, metrics.listen),
      onFailure: (error) => {
        throw error;
      },
    });
    await eventually('all of it is committed', () => events.of('committed').length > 0);
    const member = events.of('generation').at(-1)?.member;
    const after = await reader.read();
    expect(after.lanes[0]).toMatchObject({ member, lagRecords: 0, lagSeconds: 0, restores: 1, form: 'v2' });
    expect(after.lanes[0]?.lastCommitSecondsAgo).toBeLessThan(10);
    expect(after.lanes[1]).toMatchObject({ member, lagRecords: 0, lastCommitSecondsAgo: undefined });
    await running?.stop();
    expect([after.groups[0]?.state, (await reader.read()).groups[0]?.state]).toEqual(['Stable', 'Empty']);
  });
});
