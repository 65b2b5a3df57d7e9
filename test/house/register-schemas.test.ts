import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { schemaText } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import { startRegistry } from '../../src/embedded/registry/server.ts';
import { classify } from '../../src/errors.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { memoryLog } from '../embedded/registry/memory-log.ts';

const { topology } = loadTopology(join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml'));
if (topology === undefined) throw new Error('smap.yaml has mistakes');

let running: Awaited<ReturnType<typeof startRegistry>>;
beforeEach(async () => {
  running = await startRegistry({ log: memoryLog() });
});
afterEach(() => running.close());

const post = async (path: string, body: object, method = 'POST') =>
  (await fetch(running.url + path, { method, body: JSON.stringify(body) })).json() as Promise<{ id: number }>;

test('all schemas of a topology are registered at the first start and compared at the second', async () => {
  const first = await registerSchemas(topology, openRegistry(running));
  expect(first.map(({ subject, schema }) => [subject, schema])).toEqual([
    ['smap-telemetry-value', 'telemetry'],
    ['smap-telemetry-downlink.TelemetryBlock', 'telemetry-block'],
    ['smap-samples-value', 'samples'],
    ['smap-batches-value', 'samples'],
    ['smap-inference-results-value', 'scores'],
    ['smap-state-value', 'entity-state'],
    ['smap-anomalies-value', 'anomaly'],
    ['smap-detector-state-value', 'detector-state'],
  ]);
  expect(await registerSchemas(topology, openRegistry(running))).toEqual(first);
  const versions = await Promise.all(first.map(({ subject }) => fetch(`${running.url}/subjects/${subject}/versions`)));
  expect(await Promise.all(versions.map((answer) => answer.json()))).toEqual(first.map(() => [1]));
});

test('incompatible ones stop the start, all named at once: subject, field, reason', async () => {
  const changed = (name: 'samples' | 'scores', from: string, to: string) => {
    expect(schemaText(name)).toContain(from);
    return { schema: schemaText(name).replace(from, to) };
  };
  await post(
    '/subjects/smap-samples-value/versions',
    changed('samples', '"name":"entity","type":"string"', '"name":"entity","type":"int"'),
  );
  await post(
    '/subjects/smap-inference-results-value/versions',
    changed('scores', '"name":"threshold"', '"name":"limit"'),
  );
  const error = await registerSchemas(topology, openRegistry(running)).then(undefined, classify);
  expect(error).toMatchObject({ code: 'schema-incompatible', verdict: 'stop' });
  const said = 'detail' in error ? error.detail.split('\n') : [];
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^subject smap-samples-value: .*\/fields\/1\/type/);
  expect(said[1]).toMatch(
    /^subject smap-inference-results-value: The field 'threshold' at path '\/fields\/\d+' .* no default/,
  );
});

test('a subject with a level of its own keeps it, and what it allows is registered', async () => {
  await post('/config/smap-samples-value', { compatibility: 'FULL' }, 'PUT');
  await registerSchemas(topology, openRegistry(running));
  const level = await (await fetch(`${running.url}/config/smap-samples-value`)).json();
  expect(level).toEqual({ compatibilityLevel: 'FULL' });
});
