/** One mistake in what a user wrote: where it stands, what is wrong, what to write instead. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly what: string;
  readonly remedy: string;
}

export function printProblem({ file, line, column, path, what, remedy }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  return `${file}:${line}:${column}: ${place}${what}; ${remedy}`;
}

export const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
