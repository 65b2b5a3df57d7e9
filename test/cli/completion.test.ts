import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allIn, commandLine, downlink } from './command-line.ts';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'downlink-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await downlink(['completion', shell]);
    if (code !== 0) throw new Error(`no script for ${shell}`);
    writeFileSync(join(folder, shell), out);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for the last of these words. */
function inBash(...words: readonly string[]): readonly string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _downlink; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', script, 'bash', join(folder, 'bash'), ...words], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  test.each([
    ['verbs', ['downlink', 'top'], ['topology', 'topics']],
    ['verbs of a verb', ['downlink', 'offsets', ''], ['ls', 'reset']],
    ['verbs behind help', ['downlink', 'help', 'topology', 'ch'], ['check']],
    ['options', ['downlink', 'topology', 'graph', '--'], ['--mermaid', '--out', '--live', '--help']],
    ['options behind others', ['downlink', 'dlq', 'ls', '--all', '--code', 'x', '--si'], ['--since']],
    [
      'options where nothing else can come',
      ['downlink', 'schema', 'types', ''],
      ['--out', '--schemas', '--help', '-h'],
    ],
    ['the choices of an option', ['downlink', 'replay', '--generate', 's'], ['seasonal', 'smap']],
    ['and behind an equals sign', ['downlink', 'replay', '--split', '=', ''], ['train', 'test']],
    ['and half written there', ['downlink', 'replay', '--split', '=', 'tr'], ['train']],
    ['the choices of an argument', ['downlink', 'completion', ''], ['bash', 'zsh', 'fish']],
    ['files, which it leaves to bash', ['downlink', 'topology', 'check', ''], []],
    ['and as the value of an option', ['downlink', 'run', '--topology', ''], []],
    ['nothing that is not there', ['downlink', 'run', '--nothing'], []],
  ])('completes %s: %j', (_, words, offered) => {
    expect([...inBash(...words)].sort()).toEqual([...offered].sort());
  });

  test('is told to complete files where the script has nothing', () => {
    const asked = execFileSync('bash', ['-c', 'source "$1"; complete -p downlink', 'bash', join(folder, 'bash')]);
    expect(String(asked)).toBe('complete -o default -F _downlink downlink\n');
  });

  test('knows every verb', async () => {
    for (const command of allIn(await commandLine())) {
      const path: string[] = [];
      for (let at: typeof command | null = command; at !== null; at = at.parent) path.unshift(at.name());
      if (path.length > 1) expect(inBash(...path)).toEqual(expect.arrayContaining([path.at(-1)]));
    }
  });
});

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

(has('fish') ? describe : describe.skip)('fish', () => {
  const inFish = (line: string): readonly string[] =>
    execFileSync('fish', ['--no-config', '-c', `source ${join(folder, 'fish')}; complete -C '${line}'`], {
      encoding: 'utf8',
    })
      .split('\n')
      .filter((found) => found !== '')
      .map((found) => found.split('\t')[0] ?? '');

  test.each([
    ['downlink offsets ', ['ls', 'reset']],
    ['downlink topology graph --m', ['--mermaid']],
    ['downlink replay --generate s', ['seasonal', 'smap']],
    ['downlink completion ', ['bash', 'fish', 'zsh']],
  ])('completes %j', (line, offered) => {
    expect([...inFish(line)].sort()).toEqual(offered);
  });
});

(has('zsh') ? describe : describe.skip)('zsh', () => {
  // What is offered is looked at where the script hands it to zsh.
  const inZsh = (...words: readonly string[]): string => {
    const stubs = `compdef() { :; }; _files() { print -r -- files }; compadd() { shift; print -rl -- "$@" }
      _describe() { print -rl -- "\${(@P)@[-1]}" }`;
    const asked = `${stubs}; source "$1"; shift; words=("$@"); CURRENT=$#; _downlink`;
    return execFileSync('zsh', ['-f', '-c', asked, 'zsh', join(folder, 'zsh'), ...words], { encoding: 'utf8' });
  };

  test.each([
    [['downlink', 'offsets', ''], /^ls:.*\nreset:.*\n$/],
    [['downlink', 'topology', 'graph', '--'], /^--mermaid:write/],
    [['downlink', 'replay', '--generate', 's'], /^linear\nseasonal\n/],
    [['downlink', 'topology', 'check', ''], /^files\n$/],
  ])('completes %j', (words, offered) => {
    expect(inZsh(...words)).toMatch(offered);
  });
});
