import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemaText } from '../../../src/avro/own-types.ts';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { classify } from '../../../src/errors.ts';
import { membersOf } from '../../../src/kafka/group/members.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { restClient } from '../../embedded/registry/rest-client.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { openSmallLog, type SmallLog } from '../../support/small-log.ts';
import { copyStage, createTopics, settingsOf, smallText, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a schema that is not compatible', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('schema');
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

  test('stops the start, with subject and field, before anybody joins a group or reads', async () => {
    const schema = schemaText('samples').replace('"name":"entity","type":"string"', '"name":"entity","type":"int"');
    await restClient(registry.url).post(`/subjects/${prefix}.out-value/versions`, { schema });
    const error = await runTopology({
      settings: settingsOf(topology, bootstrap, registry.url),
      definitions,
      emit: events.emit,
      onFailure: (failure) => {
        throw failure;
      },
    }).then(undefined, classify);
    expect(error).toMatchObject({ code: 'schema-incompatible', verdict: 'stop' });
    expect(error).toMatchObject({ detail: expect.stringMatching(`^subject ${prefix}.out-value: .*/fields/1/type`) });
    expect(events.seen).toEqual([]);
    expect((await membersOf(log.cluster, `${prefix}.small.copy`)).members).toEqual([]);
  });
});
