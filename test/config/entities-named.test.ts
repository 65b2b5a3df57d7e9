import { expect, test } from '@jest/globals';
import { entitiesNamed } from '../../src/config/entities-named.ts';
import type { Entity, Topology } from '../../src/config/topology.ts';

const entity = (satellite: string, name: string): Entity => ({
  satellite,
  name,
  sensors: [],
  model: 'm',
  threshold: undefined,
});
const entities = [entity('SAT-001', 'A-1'), entity('SAT-001', 'A-2'), entity('SAT-002', 'A-1')];
const topology = { file: 'f.yaml', entities } as unknown as Topology;

test('a name stands for the entities of all satellites, with its satellite for one, and none for all', () => {
  expect(entitiesNamed(topology, ['A-1'])).toEqual({ entities: [entities[0], entities[2]] });
  expect(entitiesNamed(topology, ['SAT-002/A-1', 'A-2'])).toEqual({ entities: [entities[1], entities[2]] });
  expect(entitiesNamed(topology, [])).toEqual({ entities });
});

test('an unknown name is told what was probably meant and what there is', () => {
  const has = 'it has SAT-001/A-1, SAT-001/A-2, SAT-002/A-1';
  expect(entitiesNamed(topology, ['A-1', 'SAT-003/A-2', 'battery'])).toEqual({
    wrong: [
      `--entity SAT-003/A-2: f.yaml has no such entity; did you mean \`SAT-001/A-2\`? ${has}`,
      `--entity battery: f.yaml has no such entity; ${has}`,
    ],
  });
});
