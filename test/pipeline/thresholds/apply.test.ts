import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../../src/cli/run.ts';
import { applyChange } from '../../../src/pipeline/thresholds/apply.ts';
import { changedTopology } from '../../../src/pipeline/thresholds/changed-topology.ts';
import { loadTopology } from '../../../src/pipeline/topology-file.ts';

const smap = readFileSync(join(import.meta.dirname, '..', '..', '..', 'topologies', 'smap.yaml'), 'utf8');

let [folder, file, kept] = ['', '', ''];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-thresholds-'));
  [file, kept] = [join(folder, 'smap.yaml'), join(folder, 'smap.changes.jsonl')];
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  writeFileSync(file, smap, { mode: 0o640 });
  rmSync(kept, { force: true });
});

async function apply(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await run(['thresholds', 'apply', '--topology', file, ...args], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env: {},
    untilToldToStop: () => Promise.resolve(),
  });
  return { code, out, err };
}
const settings = () => loadTopology(file).topology?.stages.find(({ declaration }) => declaration.name === 'detect');
const events = () =>
  readFileSync(kept, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: string; changes: readonly object[] });

test('a setting is written into the file, and beside it who set what and when', async () => {
  const began = Date.now();
  const { code, out, err } = await apply('--set', 'busyFactor=1.6', '--set', 'shapeRows=8');
  expect([code, err]).toEqual([0, '']);
  expect(settings()?.settings).toMatchObject({ busyFactor: 1.6, shapeRows: '8', quietFactor: 1.4 });
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.filter((line) => !smap.split('\n').includes(line))).toEqual([
    '      busyFactor: 1.6',
    '      shapeRows: "8"',
  ]);
  expect(lines.length).toBe(smap.split('\n').length + 2);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(out).toMatch(/^\d+: \+ {7}busyFactor: 1\.6$/m);
  expect(out).toContain('detect takes it with its next start');
  expect(out).toContain('they begin anew: unusual-shape of sensor_0 (SAT-001/A-1, ');
  const [event, ...more] = events();
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    event: 'settings-changed',
    topology: 'smap',
    by: `${userInfo().username}@${hostname()}`,
    changes: [
      { path: 'stages.detect.settings.busyFactor', from: 1.3, to: 1.6 },
      { path: 'stages.detect.settings.shapeRows', from: '4', to: '8' },
    ],
  });
  expect(Date.parse(event?.time ?? '')).toBeGreaterThanOrEqual(began);
  expect(out).toContain(JSON.stringify(event));
});

test('for one entity, again and again: each time a line more, and what the file says already is no change', async () => {
  await apply('--entity', 'A-1', '--set', 'rules=too-busy, too-quiet');
  const { out } = await apply('--entity', 'SAT-001/A-1', '--set', 'rules=[too-busy]', '--entity', 'A-2');
  expect(settings()?.settings).toMatchObject({
    entities: { 'SAT-001/A-1': { rules: ['too-busy'] }, 'SAT-001/A-2': { rules: ['too-busy'] } },
  });
  expect(out).toContain('what its rules have learned stays');
  const path = 'stages.detect.settings.entities.SAT-001/A-1.rules';
  expect(events().map(({ changes }) => changes[0])).toEqual([
    { path, from: ['too-busy', 'too-quiet', 'unusual-shape', 'model-error'], to: ['too-busy', 'too-quiet'] },
    { path, from: ['too-busy', 'too-quiet'], to: ['too-busy'] },
  ]);
  expect((await apply('--entity', 'A-1', '--set', 'rules=too-busy')).out).toBe(`${file} says so already\n`);
  expect(events().length).toBe(2);
});

test.each([
  [2, ['--set', 'busyFactr=2'], 'detect has no such setting; did you mean `busyFactor`? it has sensors, rules,'],
  [2, ['--set', 'entities={}'], 'detect has no such setting'],
  [2, ['--set', 'busyFactor'], '--set busyFactor: write it as KEY=VALUE'],
  [2, ['--set', 'res=1', '--set', 'res=2'], 'res is set twice; choose one'],
  [2, [], '--set KEY=VALUE: nothing is to be set'],
  [2, ['--set', 'res=1', '--entity', 'A1'], 'no such entity; did you mean `A-1`?'],
  [1, ['--set', 'busyFactor=0.5'], 'stages.detect.settings.busyFactor: 0.5 is too small; write 1 or more'],
  [1, ['--set', 'busyFactor=two'], 'must be a number, not `two`'],
  [1, ['--set', 'rules=too-bussy'], 'did you mean `too-busy`?'],
  [1, ['--set', 'shapeRows=5'], '`5` is no choice'],
])('what cannot be is refused with %d and the reason, and nothing is changed: %j', async (code, args, says) => {
  expect(await apply(...args)).toMatchObject({ code, out: '', err: expect.stringContaining(says) });
  expect([readFileSync(file, 'utf8') === smap, existsSync(kept)]).toEqual([true, false]);
});

test.each([['plan'], ['apply']])('the help of %s has an example', async (verb) => {
  let out = '';
  const shell = {
    out: (text: string) => (out += text),
    err: () => true,
    env: {},
    untilToldToStop: () => Promise.resolve(),
  };
  expect(await run(['thresholds', verb, '--help'], shell)).toBe(0);
  expect(out).toMatch(/Example: downlink thresholds .* --set /);
});

test('a file that was changed meanwhile, or is being changed, is left as it is; a link stays one', async () => {
  const { topology } = loadTopology(file);
  if (topology === undefined) throw new Error('no topology');
  const changed = changedTopology(topology, smap, [{ key: 'res', value: 0.5 }], undefined);
  if (changed.topology === undefined) throw new Error('no change');
  writeFileSync(file, `${smap}# theirs\n`);
  expect(() => applyChange(smap, changed)).toThrow(/was changed meanwhile/);
  writeFileSync(file, smap);
  writeFileSync(`${file}.next`, '');
  expect(() => applyChange(smap, changed)).toThrow(/cannot be changed \(EEXIST\); remove .*smap\.yaml\.next/);
  rmSync(`${file}.next`);
  expect([readFileSync(file, 'utf8') === smap, existsSync(kept)]).toEqual([true, false]);

  const link = join(folder, 'link.yaml');
  symlinkSync(file, link);
  const shell = { out: () => true, err: () => true, env: {}, untilToldToStop: () => Promise.resolve() };
  expect(await run(['thresholds', 'apply', '--topology', link, '--set', 'res=0.5'], shell)).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('res: 0.5');
  expect(events().length).toBe(1);
});
