import { compatible, type Incompatibility } from './compatible.ts';
import type { Schema } from './schema-json.ts';

export const levels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type Level = (typeof levels)[number];

export const isLevel = (text: string): text is Level => (levels as readonly string[]).includes(text);

/** `V` is what the caller knows an older schema by. */
export interface Verdict<V> {
  readonly against: V;
  readonly reasons: readonly Incompatibility[];
}

/**
 * `older`: oldest first. The newest is looked at first, and the first that does not fit ends the search; without
 * _TRANSITIVE only the newest counts. `undefined`: all fit.
 */
export function checkCompatibility<V extends { readonly schema: Schema }>(
  level: Level,
  schema: Schema,
  older: readonly V[],
): Verdict<V> | undefined {
  const newestFirst = [...older].reverse();
  for (const against of level.endsWith('_TRANSITIVE') ? newestFirst : newestFirst.slice(0, 1)) {
    const reasons = [
      ...(reads(level, 'old') ? compatible(against.schema, schema, 'old') : []),
      ...(reads(level, 'new') ? compatible(schema, against.schema, 'new') : []),
    ];
    if (reasons.length > 0) return { against, reasons };
  }
  return undefined;
}

const reads = (level: Level, who: 'old' | 'new'): boolean =>
  level.startsWith('FULL') || level.startsWith(who === 'new' ? 'BACKWARD' : 'FORWARD');
