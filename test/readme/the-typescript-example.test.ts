import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { blockIn, root } from './readme.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-readme-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a strict compiler says of each, where only what they name is installed. */
function mistakesIn(texts: readonly string[]): readonly (readonly string[])[] {
  const files = texts.map((text, at) => {
    const file = join(folder, `publish-${at}.mts`);
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  });
  return files.map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

test('a strict compiler has nothing against it, and something against a slip in it', () => {
  const text = blockIn('ts');
  expect(mistakesIn([text, text.replace('topic:', 'topics:')])).toEqual([
    [],
    [expect.stringContaining("'topics' does not exist")],
  ]);
}, 60_000);
