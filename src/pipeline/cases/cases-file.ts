import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inOrder, type Problem } from '../../config/problem.ts';
import type { Topology } from '../../config/topology.ts';
import { parseYaml } from '../../config/yaml-source.ts';
import { readWritten, type Written } from '../../config/written.ts';
import type { GatherLimits } from '../../runner/gather.ts';
import { loadTopology } from '../topology-file.ts';
import { readExpectedLetter, readExpectedRecords, type ExpectedLetter, type ExpectedRecords } from './expected.ts';
import { readSending, type Sending } from './sending.ts';

/** What goes into a topology, and what has to come of it. */
export interface Case {
  readonly name: string;
  readonly line: number;
  readonly send: readonly Sending[];
  readonly expect: readonly ExpectedRecords[];
  /** None besides these may come. */
  readonly deadLetters: readonly ExpectedLetter[];
  /** Where they are other than the runner's own. */
  readonly gather: Partial<GatherLimits>;
}

export interface CasesFile {
  readonly file: string;
  readonly topology: Topology;
  readonly cases: readonly Case[];
}

export type CasesResult =
  | { readonly found: CasesFile; readonly problems?: never }
  | { readonly found?: never; readonly problems: readonly Problem[] };

const ending = '.cases.yaml';

/** The cases stand beside their topology: `smap.cases.yaml` beside `smap.yaml`. Either names both. */
export function loadCases(file: string, cases?: string): CasesResult {
  if (cases !== undefined) return casesIn(cases, file);
  if (file.endsWith(ending)) return casesIn(file);
  return casesIn(join(dirname(file), `${basename(file).replace(/\.ya?ml$/, '')}${ending}`), file);
}

function casesIn(file: string, topologyFile?: string): CasesResult {
  try {
    return casesFrom(file, readFileSync(file, 'utf8'), topologyFile);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === undefined) throw thrown;
    const remedy = `write cases there, or name the file with them (\`--cases PATH\`)`;
    return { problems: [{ file, line: 1, column: 1, path: '', what: `cannot be read (${code})`, remedy }] };
  }
}

/** All cases of a text, or every mistake in it. */
export function casesFrom(file: string, text: string, topologyFile?: string): CasesResult {
  const source = parseYaml(file, text);
  const problems: Problem[] = [...source.problems];
  const root = readWritten(source, problems);
  const { topology: named, cases: listed } = root.fields(['topology', 'cases']);
  const written = topologyFile ?? topologyIn(root, named, file);
  if (written === undefined) return { problems: inOrder(problems) };
  const { topology, problems: others } = loadTopology(written);
  if (topology === undefined) return { problems: [...inOrder(problems), ...others] };
  const cases = (listed?.items() ?? []).map((one) => readCase(one, topology));
  refuseTwins(listed?.items() ?? [], cases);
  if (cases.length === 0 && problems.length === 0) root.wrong('has no cases', 'write some under `cases:`');
  if (problems.length > 0) return { problems: inOrder(problems) };
  return { found: { file, topology, cases } };
}

function topologyIn(root: Written, named: Written | undefined, file: string): string | undefined {
  if (named === undefined)
    return root.wrong('topology is missing', 'write `topology:` and the name of the file beside this one');
  const name = named.text();
  return name === undefined ? undefined : join(dirname(file), name);
}

function readCase(written: Written, topology: Topology): Case {
  const { name, send, expect, deadLetters, gather } = written.fields([
    'name',
    'send',
    'expect',
    'deadLetters',
    'gather',
  ]);
  if (name === undefined) written.wrong('name is missing', 'write `name:` and what the case shows');
  if (send === undefined) written.wrong('send is missing', 'write `send:` and a list of records');
  const { maxWaitMs, maxRecords } = gather?.fields(['maxWaitMs', 'maxRecords']) ?? {};
  const [wait, most] = [maxWaitMs?.integer(0), maxRecords?.integer(1)];
  return {
    name: name?.text() ?? '',
    line: written.place.line,
    send: send?.items().flatMap((one) => readSending(one, topology) ?? []) ?? [],
    expect: [...(expect?.entries() ?? [])].flatMap(([topic, one]) => readExpectedRecords(one, topic, topology) ?? []),
    deadLetters: deadLetters?.items().flatMap((one) => readExpectedLetter(one, topology) ?? []) ?? [],
    gather: {
      ...(wait === undefined ? {} : { maxWaitMs: wait }),
      ...(most === undefined ? {} : { maxRecords: most }),
    },
  };
}

function refuseTwins(listed: readonly Written[], cases: readonly Case[]): void {
  const names = cases.map(({ name }) => name);
  for (const [i, one] of listed.entries()) {
    const first = names.indexOf(names[i] ?? '');
    if (first < i && names[i] !== '') one.wrong(`another case is called \`${names[i]}\``, 'give it a name of its own');
  }
}
