import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What stands between fences, by its language. */
const fenced = /^```(\w*)\n(.*?)^```$/gms;
const blocks = [...readme.matchAll(fenced)].map(([, language = '', text = '']) => ({ language, text }));

/** The only block of a language, or the only one that holds a text. */
export function blockIn(language: string, holding = ''): string {
  const found = blocks.filter((block) => block.language === language && block.text.includes(holding));
  const [block] = found;
  if (block === undefined || found.length > 1)
    throw new Error(`README.md has ${found.length} blocks of ${language || 'no language'} with «${holding}»`);
  return block.text;
}

/** What one could type: the lines of its shell blocks without their comments, and what stands in the text between backticks. */
export const commands: readonly string[] = [
  ...blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n')),
  ...[...readme.replace(fenced, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
]
  .map((line) => line.replace(/ +# .*/, '').trim())
  .filter((line) => line !== '');

/** The cells of the table whose first column has this heading, a row each. */
export function tableOf(heading: string): readonly (readonly string[])[] {
  const [, below = ''] = readme.split(new RegExp(`^\\| ${heading} +\\|.*\\n\\|[ :|-]+\\n`, 'm'));
  const rows = below.slice(0, below.search(/^[^|]/m)).trim().split('\n');
  return rows.map((row) => row.split('|').slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()));
}
