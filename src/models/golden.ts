import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { refused, wordsOf } from './refused.ts';

/** What PyTorch made of one entity's first samples, from a zero state. */
export interface Golden {
  readonly entity: string;
  readonly samples: number;
  /** As the satellite sent them; all else is of the normalised values. */
  readonly values: Float64Array;
  readonly normalised: Float64Array;
  readonly reconstruction: Float64Array;
  readonly score: Float64Array;
  readonly state: Float64Array;
}

/** Which entity it is of, the file's name says, or its folder's where the file is called golden.json. */
export function readGolden(file: string): Golden {
  const name = basename(file, '.json');
  const entity = name === 'golden' ? basename(dirname(resolve(file))) : name;
  const parsed = parsedFrom(file);
  const numbers = (key: string): Float64Array => {
    const flat = Array.isArray(parsed[key]) ? (parsed[key] as unknown[]).flat() : [];
    if (flat.length === 0 || !flat.every((value) => typeof value === 'number')) {
      throw refused(`${file}: ${key}: expected numbers`);
    }
    return Float64Array.from(flat);
  };
  const score = numbers('score');
  return {
    entity,
    samples: score.length,
    values: numbers('values'),
    normalised: numbers('normalised'),
    reconstruction: numbers('reconstruction'),
    score,
    state: numbers('state'),
  };
}

function parsedFrom(file: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (thrown) {
    throw refused(`${file}: ${wordsOf(thrown)}`, thrown);
  }
  throw refused(`${file}: expected an object`);
}
