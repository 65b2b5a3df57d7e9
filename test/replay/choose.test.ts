import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { loadTopology } from '../../src/pipeline/topology-file.ts';
import { choose, type Telemetry } from '../../src/replay/choose.ts';
import { faultIn, type Fault } from '../../src/replay/faults.ts';
import { generated } from '../../src/replay/generated.ts';
import { looped } from '../../src/replay/looped.ts';
import { patterned, patterns } from '../../src/replay/patterns.ts';

const topologies = join(import.meta.dirname, '..', '..', 'topologies');
const { topology } = loadTopology(join(topologies, 'smap.yaml'));
if (topology === undefined) throw new Error('smap.yaml has mistakes');
const shapes = join(topologies, 'smap.shapes.json');
const smap = { generate: 'smap', seed: 1, rows: 100, shapes };
const from = (names: readonly string[], faults: readonly Fault[] = [], telemetry: Telemetry = smap) =>
  choose({ topology, telemetry, names, faults });

test('entities go by their name, alone or with the satellite', async () => {
  const { chosen } = await from(['A-1', 'SAT-003/G-1']);
  expect(chosen.map(({ entity }) => entity.name)).toEqual(['A-1', 'G-1']);
});

test('an entity has the same telemetry whichever others are chosen, another seed makes another', async () => {
  const rows = async (names: readonly string[], seed = 1) => {
    const { chosen } = await from(names, [], { ...smap, seed });
    return (await chosen.at(-1)?.source.read(0, 50))?.values;
  };
  expect(await rows(['A-1', 'P-1'])).toEqual(await rows(['P-1']));
  expect(await rows(['P-1'], 2)).not.toEqual(await rows(['P-1']));
});

test('what is not there is named, with what is', async () => {
  await expect(from(['X-9'])).rejects.toThrow(/the topology has no X-9; it has SAT-001\/A-1, /);
  await expect(from(['A-1'], [faultIn('level:P-1:1') as Fault])).rejects.toThrow(
    /the topology has no P-1; it has SAT-001\/A-1/,
  );
  await expect(from([], [], { data: join(topologies, 'nowhere'), split: 'test' })).rejects.toThrow(
    /there is no folder/,
  );
  await expect(from([], [], { ...smap, shapes: join(topologies, 'no.json') })).rejects.toThrow(
    /no\.json: ENOENT.*--learn FILE/,
  );
});

test('a fault is in its rows, and nowhere else; whichever pieces are read', async () => {
  for (const kind of ['level', 'drift', 'noise', 'stuck', 'commands']) {
    const fault = faultIn(`${kind}:P-1:40:20:0.5`) as Fault;
    const [quiet, faulty] = [(await from(['P-1'])).chosen[0]?.source, (await from(['P-1'], [fault])).chosen[0]?.source];
    const whole = await faulty?.read(0, 100);
    const pieces = [await faulty?.read(0, 45), await faulty?.read(45, 55)];
    expect(pieces.flatMap((piece) => [...(piece?.values ?? [])])).toEqual([...(whole?.values ?? [])]);
    expect(whole?.labels?.map((kinds) => kinds.join())).toEqual(
      Array.from({ length: 100 }, (_, row) => (row >= 40 && row < 60 ? kind : '')),
    );
    const before = (await quiet?.read(0, 100))?.values ?? new Float32Array();
    const differs = Array.from({ length: 100 }, (_, row) => row).filter((row) =>
      before.subarray(row * 25, row * 25 + 25).some((value, at) => value !== whole?.values[row * 25 + at]),
    );
    expect(differs.length).toBeGreaterThan(10);
    expect([Math.min(...differs) >= 40, Math.max(...differs) < 60]).toEqual([true, true]);
  }
});

test.each([
  'commands',
  'commands:A-1',
  'sparks:A-1:3',
  'level:A-1:-1',
  'level:A-1:1:0',
  'level:A-1:1:1:0',
  'level:A-1:1:1:1:1',
])('%s is no fault', (text) => {
  expect(faultIn(text)).toBeUndefined();
});

test.each(Object.keys(patterns))('%s stays within its range, moves, and is the same again', async (name) => {
  const source = generated(name, 3, 1_000, () => patterned(name, 7));
  const { values } = await source.read(0, 1_000);
  expect(Math.max(...values)).toBeLessThanOrEqual(1.1);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1.1);
  expect(new Set(values).size).toBeGreaterThan(100);
  expect((await source.read(500, 10)).values).toEqual(values.slice(1_500, 1_530));
});

test('a loop begins again behind its last row', async () => {
  const once = generated('linear', 1, 7, () => patterned('linear', 1));
  const { values } = await once.read(0, 7);
  expect([...(await looped(once).read(5, 11)).values]).toEqual(
    [5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1].map((row) => values[row]),
  );
});
