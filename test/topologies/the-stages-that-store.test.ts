import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topologyFrom } from '../../src/pipeline/topology-file.ts';

const folder = join(import.meta.dirname, '..', '..', 'topologies');

/** What is only commented out; a sentence has a space behind its sign. */
const withoutSigns = (text: string): string => text.replaceAll(/^( *)#(?=\w| {2})/gm, '$1');

test.each([
  ['timeseries.yaml', ['store-jobs', 'store-results', 'store-letters']],
  ['smap.yaml', ['store-scores', 'store-anomalies', 'store-letters']],
])('%s has those that store, without their signs', (name, expected) => {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  const stagesIn = (content: string) => {
    const { topology, problems } = topologyFrom(file, content);
    expect(problems).toBeUndefined();
    return topology?.stages.map(({ declaration }) => declaration.name) ?? [];
  };
  const before = stagesIn(text);
  expect(stagesIn(withoutSigns(text))).toEqual([...before, ...expected]);
  expect(before.filter((stage) => stage.startsWith('store-'))).toEqual([]);
});
