import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stagesNamed, stagesOfModels } from '../../src/cli/stages-named.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { topologyOf } from '../support/small-topology.ts';

const shipped = readFileSync(join(import.meta.dirname, '..', '..', 'topologies', 'timeseries.yaml'), 'utf8');
const topology = topologyOf(
  shipped.replace('vae_timeseries: {}', 'vae_timeseries: { apart: true, maxJobs: 8, maxWaitMs: 2000 }'),
  declarations,
);
const groupsOf = (found: ReturnType<typeof stagesNamed>) =>
  'stages' in found ? found.stages.map(({ group }) => group) : found.wrong;

test('a model that stands apart has a consumer group of its own, and waits as long as it likes', () => {
  expect(topology.stages.map(({ declaration, group }) => [declaration.name, group])).toEqual([
    ['predict', 'timeseries.predict'],
    ['predict.vae_timeseries', 'timeseries.predict.vae_timeseries'],
  ]);
  const [shared, own] = topology.stages;
  expect(shared?.declaration.gather?.(shared.settings)).toMatchObject({ maxWaitMs: 10 });
  expect(own?.declaration.gather?.(own.settings)).toMatchObject({ maxWaitMs: 2000 });
  expect(shared?.declaration.asks?.(shared.settings)).toEqual(['lstm_timeseries', 'transformer_timeseries']);
  expect(own?.declaration.asks?.(own.settings)).toEqual(['vae_timeseries']);
});

test('a batch waits no more when it is full, whatever of other models there is', () => {
  const [shared, own] = topology.stages.map(({ declaration, settings }) => declaration.gather?.(settings).isFull);
  const keys = (model: string, count: number) => Array.from({ length: count }, (_, at) => `${model}/${at}`);
  const [seven, eight] = [keys('vae_timeseries', 7), keys('vae_timeseries', 8)];
  expect(own?.([...seven, ...keys('lstm_timeseries', 20)])).toBe(false);
  expect(own?.([...eight, ...keys('lstm_timeseries', 20)])).toBe(true);
  expect(shared?.([...eight, ...keys('lstm_timeseries', 7)])).toBe(false);
  expect(shared?.([...eight, ...keys('lstm_timeseries', 8)])).toBe(true);
});

test('its instances run alone where they are named', () => {
  expect(groupsOf(stagesOfModels(topology, ['vae_timeseries']))).toEqual(['timeseries.predict.vae_timeseries']);
  expect(groupsOf(stagesNamed(topology, ['predict']))).toEqual(['timeseries.predict']);
  expect(groupsOf(stagesOfModels(topology, ['lstm_timeseries']))).toEqual([
    '--only-model lstm_timeseries: small.yaml gives it no instances of its own; write `apart: true` under it',
  ]);
});
