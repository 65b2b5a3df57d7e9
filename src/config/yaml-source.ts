import { LineCounter, parseDocument, type Document } from 'yaml';
import type { Problem } from './problem.ts';

export type Place = Pick<Problem, 'line' | 'column'>;

export interface YamlSource {
  readonly file: string;
  /** Absent where the text is not even parsed. */
  readonly document?: Document;
  readonly place: (offset: number) => Place;
  readonly problems: readonly Problem[];
}

const maxBytes = 1 << 20;
const maxDepth = 100;

const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of the two',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent it like its neighbours',
  MULTIPLE_DOCS: 'keep one document a file',
  MISSING_CHAR: 'close what was opened',
};

/** Parses as far as it goes: what is readable is read in spite of mistakes elsewhere. */
export function parseYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (what: string, remedy: string): YamlSource => ({
    file,
    place,
    problems: [{ file, line: 1, column: 1, path: '', what, remedy }],
  });
  if (text.length > maxBytes) return refuse('the file is larger than 1 MiB', 'a topology needs a small part of that');
  // The parser calls itself for each level.
  if (deepest(text) > maxDepth) return refuse(`the file nests deeper than ${maxDepth} levels`, 'write it flatter');
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    file,
    ...place(error.pos[0]),
    path: '',
    what: `not YAML: ${error.message}`,
    remedy: remedies[error.code] ?? 'mend the syntax here',
  }));
  return { file, document, place, problems };
}

/** An upper bound of the nesting: brackets that are open, or indentation. */
function deepest(text: string): number {
  let open = 0;
  let most = 0;
  for (const line of text.split('\n')) {
    const leading = /^[ \-?:]*/.exec(line)?.[0] ?? '';
    most = Math.max(most, leading.replace(/ +/g, ' ').length, leading.length / 2);
    for (const char of line) {
      if (char === '[' || char === '{') most = Math.max(most, ++open);
      else if ((char === ']' || char === '}') && open > 0) open--;
    }
  }
  return most;
}
