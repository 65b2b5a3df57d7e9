/** The real programs that tests may run against, by the name that `describeWith` and DOWNLINK_REQUIRE know them by. */
export interface Programs {
  readonly kafka: { readonly bootstrap: string };
  readonly registry: { readonly url: string };
  /** Not running: what a test needs to start brokers of its own, which it may kill. */
  readonly cluster: { readonly version: string };
  readonly victoria: { readonly url: string };
  /** Not running: for tests that start their own with flags of their own, and kill it. */
  readonly victoriaProgram: { readonly file: string };
  /** Not running: it comes with VictoriaMetrics, and reads rules. */
  readonly vmalert: { readonly file: string };
  readonly triton: { readonly grpc: string };
  /** Not running: for tests that start their own and kill it. */
  readonly tritonProgram: { readonly folder: string };
  /** Not running: for tests that start their own and kill it. */
  readonly postgresProgram: { readonly folder: string };
  /** It asks an API that a test has started. */
  readonly schemathesis: { readonly file: string };
}

export type ProgramName = keyof Programs;

/** Stand in for what is missing, where tests are registered only to be counted as skipped. */
export const nowhere: Programs = {
  kafka: { bootstrap: 'nowhere.invalid:0' },
  registry: { url: 'http://nowhere.invalid' },
  cluster: { version: 'none' },
  victoria: { url: 'http://nowhere.invalid' },
  victoriaProgram: { file: 'nowhere' },
  vmalert: { file: 'nowhere' },
  triton: { grpc: 'nowhere.invalid:0' },
  tritonProgram: { folder: 'nowhere' },
  postgresProgram: { folder: 'nowhere' },
  schemathesis: { file: 'nowhere' },
};

/** What there is: where a program answers and what it is, or why it is missing. */
export type Found<P> = (P & { readonly what: string }) | { readonly missing: string };

export type FoundPrograms = { readonly [Name in ProgramName]: Found<Programs[Name]> };

// Jest's workers get nothing from the global setup but the environment; what a project's tests may use is under the project's name.
const variable = (set: string): string => `DOWNLINK_TEST_PROGRAMS${set}`;

export function publish(found: FoundPrograms, set = ''): void {
  process.env[variable(set)] = JSON.stringify(found);
}

/** Of the tests' project: .config/jest.mjs. */
const ownSet = (): string => (globalThis as { downlinkProgramSet?: string }).downlinkProgramSet ?? '';

export function findProgram<Name extends ProgramName>(name: Name): FoundPrograms[Name] | { readonly missing: string } {
  const json = process.env[variable(ownSet())];
  if (json === undefined) return { missing: 'this kind of test starts no programs' };
  return (JSON.parse(json) as FoundPrograms)[name];
}
