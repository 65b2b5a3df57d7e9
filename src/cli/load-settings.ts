import { printProblem, type Problem } from '../config/problem.ts';
import { loadSettings, type Settings } from '../pipeline/settings.ts';
import { hereOrShipped } from './here-or-shipped.ts';
import type { Shell } from './verb.ts';

/** The settings that a topology file and the environment make; where they have mistakes, these are printed. */
export function settingsOrProblems(file: string, shell: Shell): Settings | undefined {
  const { settings, problems } = loadSettings(hereOrShipped(file), shell.env);
  if (settings !== undefined) return settings;
  printProblems(problems, shell);
  return undefined;
}

export function printProblems(problems: readonly Problem[], shell: Shell): void {
  for (const problem of problems) shell.err(`${printProblem(problem)}\n`);
  shell.err(`${problems.length} ${problems.length === 1 ? 'mistake' : 'mistakes'}\n`);
}
