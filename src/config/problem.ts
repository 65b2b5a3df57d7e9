/** One mistake in what a user wrote: where it stands, what is wrong, what to write instead. */
export interface Problem {
  readonly file: string;
  /** 0 where there are no lines: the environment. */
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly what: string;
  readonly remedy: string;
}

export function printProblem({ file, line, column, path, what, remedy }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `${place}: ${path === '' ? '' : `${path}: `}${what}; ${remedy}`;
}

export const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
