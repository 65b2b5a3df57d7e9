/** Rows that are known to belong to an anomaly, both ends included. */
export interface Label {
  readonly first: number;
  readonly last: number;
  readonly kind: string;
}

/** Rows in their order, each with its kinds of anomaly: those that follow on each other and have some are one label. */
export function labelRuns(rows: Iterable<readonly [row: number, kinds: readonly string[]]>): readonly Label[] {
  const runs: { first: number; last: number; kind: string }[] = [];
  for (const [row, [kind]] of rows) {
    if (kind === undefined) continue;
    const run = runs.at(-1);
    if (run?.last === row - 1) run.last = row;
    else runs.push({ first: row, last: row, kind });
  }
  return runs;
}
