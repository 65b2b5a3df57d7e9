import type { Alarm } from '../reference.ts';

/** Why a rule alarms, in the words of the settings and of metrics. */
export const ruleNames = ['too-busy', 'too-quiet', 'unusual-shape', 'model-error'] as const;
export type RuleName = (typeof ruleNames)[number];

/** What a rule is shown of a row of one sensor. */
export interface Row {
  readonly value: number;
  /** What the model missed it by, on the model's scale. */
  readonly error: number;
  /** Rows are missing between this one and the one before. */
  readonly gap: boolean;
  /** The model still lacks the history that its answers need. */
  readonly warming: boolean;
}

/** One rule on one sensor of one entity. What it knows is its state, and nothing else. */
export interface Rule {
  readonly name: RuleName;
  /** All that it will need to go on. Another form, other bytes: they are worth nothing to it. */
  readonly form: string;
  readonly state: Uint8Array;
  /** Its state was put back from outside: whatever is derived from it is derived anew. */
  restored(): void;
  /** Quiet rows from before the stream, which then begins. */
  prime(rows: readonly Row[]): void;
  /** What it has to say of the next row of the stream; undefined: nothing. */
  judge(row: Row): Alarm | undefined;
  /** What an operator reads. */
  sentence(alarm: Alarm): string;
}

export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`;
