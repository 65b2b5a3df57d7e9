import { expect, test } from '@jest/globals';
import { readTopology } from '../../src/config/topology.ts';
import type { Row, Sent } from '../../src/contract/index.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { graphOf } from '../../src/pipeline/graph.ts';
import { runTopology } from '../../src/pipeline/run-topology.ts';
import { wiringsOf } from '../../src/pipeline/wirings.ts';
import { openDriver } from '../../src/runner/driver.ts';
import { defaultLimits } from '../../src/runner/run-stage.ts';
import type { Sink, SourcePosition } from '../../src/runner/wiring.ts';
import { settingsOf, topologyOf } from '../support/small-topology.ts';

const text = (from: string, other = 'scores') => `topology: t
topics: { scores: { schemas: [scores] }, odd: {}, dead: {} }
deadLetters: dead
stages: { store-letters: { from: ${from} }, store-scores: { from: ${other} } }
`;

const problemsOf = (written: string) =>
  (readTopology('t.yaml', written, declarations, ['scores']).problems ?? []).map(
    ({ path, what, remedy }) => `${path}: ${what}; ${remedy}`,
  );

test('that stage reads them and nothing else, and no other reads them', () => {
  expect(problemsOf(text('dead'))).toEqual([]);
  expect(problemsOf(text('odd'))).toEqual([
    'stages.store-letters.from: store-letters reads dead letters, and `odd` is not their topic; write `dead`',
  ]);
  expect(problemsOf(text('dead', 'dead'))).toEqual([
    'stages.store-scores.from: `dead` is the topic of dead letters; name another topic',
  ]);
});

test('none of it goes back, and the picture shows no way', () => {
  const { edges } = graphOf(topologyOf(text('dead'), declarations));
  expect(edges.filter(({ to }) => to === 'topic:dead').map(({ from }) => from)).toEqual(['stage:store-scores']);
});

test('letters come with their headers, those without a value as null, and the sink knows the position behind them', async () => {
  const topology = topologyOf(text('dead'), declarations);
  const written: [readonly Sent<Row>[], SourcePosition][] = [];
  const sink: Sink<Row> = {
    write: (values, _, behind) => {
      written.push([values, behind]);
      return Promise.resolve();
    },
  };
  const stages = topology.stages.filter(({ declaration }) => declaration.name === 'store-letters');
  const wirings = wiringsOf(stages, topology.deadLetters, {
    ...{ definitions: declarations, schemas: [], entities: [], registry: undefined },
    partitions: new Map([['dead', 1]]),
    sinks: new Map([['store-letters', sink]]),
  });
  const driver = openDriver({ wirings: wirings as never, partitionsOf: () => 1, limits: defaultLimits });
  const headers = [
    ['downlink.code', Buffer.from('of an earlier time')],
    ['downlink.code', Buffer.from('record-corrupt')],
  ] as const;
  await driver.put('dead', 0, { key: 'a', value: Buffer.from('x'), timestamp: 7, headers });
  await driver.put('dead', 0, { key: null, value: null, timestamp: 8 });
  await driver.settle();
  const found = written.flatMap(([values]) => values.map(({ value }) => value.columns));
  expect(found).toMatchObject([
    { key: 'a', value: Buffer.from('x'), code: 'record-corrupt', recorded_at: 7, record_offset: 0n },
    { key: null, value: null, code: null, recorded_at: 8, record_offset: 1n },
  ]);
  expect(written.at(-1)?.[1]).toEqual({ group: 't.store-letters', topic: 'dead', partition: 0, next: 2n });
  expect(driver.records('dead')).toHaveLength(2);
});

test('without a database nothing runs', async () => {
  const topology = topologyOf(text('dead'), declarations);
  const options = { definitions: declarations, emit: () => undefined, onFailure: () => undefined };
  await expect(runTopology({ ...options, settings: settingsOf(topology, 'nowhere:1') })).rejects.toMatchObject({
    code: 'config-invalid',
    detail: expect.stringContaining('environment: DOWNLINK_POSTGRES: missing; set it to a database') as unknown,
  });
});
