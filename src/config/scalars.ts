import { isMap, isScalar, isSeq } from 'yaml';
import type { ChoiceShape, FlagShape, NumberShape, TextShape } from '../contract/settings.ts';
import { didYouMean } from './closest.ts';
import { inUnitOf, unitOf } from './units.ts';

type ScalarShape = TextShape | NumberShape | FlagShape | ChoiceShape;
export type Answer = { readonly value: unknown } | { readonly what: string; readonly remedy: string };

const wrong = (what: string, remedy: string): Answer => ({ what, remedy });

function printed(written: unknown): string {
  if (isMap(written)) return 'a mapping';
  if (isSeq(written)) return 'a list';
  if (!isScalar(written) || written.value === null) return 'nothing';
  const text = typeof written.value === 'string' ? written.value : JSON.stringify(written.value);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}

/** One value that is neither mapping nor list. `key` is what it is written under: its ending names the unit. */
export function readScalar(written: unknown, shape: ScalarShape, key: string): Answer {
  const value: unknown = isScalar(written) ? written.value : undefined;
  switch (shape.kind) {
    case 'text':
      return readText(written, value, shape);
    case 'choice':
      return readChoice(written, value, shape);
    case 'flag':
      return typeof value === 'boolean'
        ? { value }
        : wrong(`must be true or false, not ${printed(written)}`, 'write true or false');
    default:
      return readNumber(written, value, shape, key);
  }
}

function readText(written: unknown, value: unknown, { pattern }: TextShape): Answer {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return wrong(`must be text, not ${printed(written)}`, `write '${String(value)}' in quotes`);
  }
  if (typeof value !== 'string') return wrong(`must be text, not ${printed(written)}`, 'write a name');
  if (pattern && !new RegExp(`^(?:${pattern.matches})$`).test(value)) {
    return wrong(`${printed(written)} is not possible here`, `it must be ${pattern.says}`);
  }
  return { value };
}

function readChoice(written: unknown, value: unknown, { among }: ChoiceShape): Answer {
  if (typeof value === 'string' && among.includes(value)) return { value };
  return wrong(`${printed(written)} is no choice`, didYouMean(typeof value === 'string' ? value : '', among));
}

function readNumber(written: unknown, value: unknown, shape: NumberShape, key: string): Answer {
  const unit = unitOf(key);
  const noun = `${shape.kind === 'integer' ? 'a whole number' : 'a number'}${unit ? ` of ${unit.name}` : ''}`;
  if (typeof value !== 'number') {
    const meant = typeof value === 'string' ? inUnitOf(key, value) : undefined;
    const remedy = meant === undefined ? 'write a number without quotes' : `write ${meant}`;
    return wrong(`must be ${noun}, not ${printed(written)}`, remedy);
  }
  if (!Number.isFinite(value)) return wrong(`must be ${noun}, not ${printed(written)}`, 'write a finite number');
  if (shape.kind === 'integer' && !Number.isSafeInteger(value)) {
    return wrong(`must be ${noun}, not ${printed(written)}`, `write ${Math.round(value)}`);
  }
  if (value < (shape.min ?? -Infinity)) return wrong(`${value} is too small`, `write ${shape.min} or more`);
  if (value > (shape.max ?? Infinity)) return wrong(`${value} is too large`, `write ${shape.max} or less`);
  return { value };
}
