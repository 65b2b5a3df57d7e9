import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { breaches, levels } from './law.ts';

const root = join(import.meta.dirname, '..', '..');

test('the sources keep the law', () => {
  expect(breaches(join(root, 'src'))).toEqual([]);
});

test('the top level holds what the project is said to hold, and nothing else that is visible', () => {
  const allowed = [
    'LICENSE',
    'README.md',
    'bench',
    'deploy',
    'docker-compose.yml',
    'model_repository',
    'package-lock.json',
  ];
  allowed.push('package.json', 'schemas', 'src', 'test', 'topologies', 'tsconfig.json', 'dist', 'node_modules');
  expect(readdirSync(root).filter((name) => !name.startsWith('.') && !allowed.includes(name))).toEqual([]);
});

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'downlink-law-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** A tree of sources that breaks no law, with one file more. */
function treeWith(file: string, text: string): string {
  const tree = mkdtempSync(join(scratch, 'tree-'));
  const sound = {
    'main.ts': "import './cli/run.ts';\nprocess.exit();\n",
    'cli/run.ts': '',
    'errors.ts': '',
    'config/a.ts': '',
  };
  for (const [name, content] of Object.entries({ ...sound, [file]: text })) {
    mkdirSync(join(tree, dirname(name)), { recursive: true });
    writeFileSync(join(tree, name), content);
  }
  return tree;
}

test('a tree without a planted fault is sound', () => {
  expect(breaches(treeWith('avro/b.ts', "import '../errors.ts';\n"))).toEqual([]);
});

test.each([
  ['an import upwards', 'avro/b.ts', "import { a } from '../config/a.ts';", 'avro may not import config/a.ts'],
  [
    'an import within a level',
    'config/b.ts',
    "import { a } from '../runner/a.ts';",
    'config may not import runner/a.ts',
  ],
  [
    'a type import upwards',
    'errors.ts',
    "import type { A } from './config/a.ts';",
    'errors may not import config/a.ts',
  ],
  ['an import() upwards', 'avro/b.ts', "const a = () => import('../config/a.ts');", 'avro may not import config/a.ts'],
  ['an export from above', 'avro/b.ts', "export { a } from '../config/a.ts';", 'avro may not import config/a.ts'],
  [
    'a stage that knows more than the contract',
    'stages/x/stage.ts',
    "import '../../avro/b.ts';",
    'stages may not import avro/b.ts',
  ],
  [
    'a stage that knows another',
    'stages/x/stage.ts',
    "import '../y/stage.ts';",
    'stages may not import stages/y/stage.ts',
  ],
  ['a second user of a package', 'runner/b.ts', "import { Kafka } from 'kafkajs';", 'kafkajs belongs to kafka'],
  ['a part of a package', 'runner/b.ts', "import x from 'kafkajs/src/consumer';", 'kafkajs belongs to kafka'],
  ['a type of a package', 'runner/b.ts', "import type { Type } from 'avsc';", 'avsc belongs to avro'],
  ['a room that nobody planned', 'misc/b.ts', '', 'no room of the design is called misc'],
  ['a long file', 'avro/b.ts', '\n'.repeat(251), '251 lines, more than 250'],
  ['a barrel', 'avro/index.ts', '', 'a barrel file'],
  ['a drawer for everything', 'avro/utils/b.ts', '', 'called utils'],
  ['a producer of kafkajs', 'kafka/b.ts', 'kafka.producer();', "calls kafkajs' producer"],
  ['a process that ends elsewhere', 'cli/b.ts', 'process.exit(1);', 'only main.ts does'],
])('%s is caught', (_, file, text, says) => {
  expect(breaches(treeWith(file, text))).toEqual([expect.stringContaining(says)]);
});

test('a cycle is caught, also one of types only', () => {
  const tree = treeWith('config/a.ts', "import type { B } from './b.ts';");
  writeFileSync(join(tree, 'config', 'b.ts'), "import type { A } from './a.ts';");
  expect(breaches(tree)).toEqual(['a cycle: config/a.ts > config/b.ts > config/a.ts']);
});

test('a long file that is generated is none', () => {
  expect(breaches(treeWith('contract/records/b.ts', `// Generated from x\n${'\n'.repeat(400)}`))).toEqual([]);
});

test('every room of the design has one level', () => {
  const rooms = levels.flat();
  expect(new Set(rooms).size).toBe(rooms.length);
});
