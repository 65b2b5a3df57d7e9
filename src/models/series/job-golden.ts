import { readFileSync } from 'node:fs';
import { about, numberOf, objectOf } from '../meta.ts';
import { refused } from '../refused.ts';

/** Series, and what training's own arithmetic makes of it on the way through the model `model`. */
export interface JobGolden {
  readonly model: string;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly name: string;
  readonly data: readonly number[];
  /** Of each run of the graph what goes in and what comes out, by name, without the padding. */
  readonly runs: readonly Readonly<Record<string, readonly number[]>>[];
}

type Fields = Readonly<Record<string, unknown>>;

/** What of a golden file is of series; undefined where it is of telemetry. */
export function readJobGolden(file: string): JobGolden | undefined {
  return about(file, () => {
    const { model, cases } = objectOf('the file', JSON.parse(readFileSync(file, 'utf8')) as unknown);
    if (cases === undefined) return undefined;
    if (typeof model !== 'string' || !Array.isArray(cases)) throw refused('expected `model` and `cases`');
    return { model, cases: cases.map((one, at) => caseOf(`cases[${at}]`, objectOf(`cases[${at}]`, one))) };
  });
}

function caseOf(path: string, fields: Fields): GoldenCase {
  const tiles: unknown = fields['tiles'];
  return {
    name: typeof fields['name'] === 'string' ? fields['name'] : path,
    data: numbers(fields, 'data'),
    runs: Array.isArray(tiles)
      ? tiles.map((tile, at) => reconstruction(objectOf(`${path}.tiles[${at}]`, tile)))
      : [forecast(fields)],
  };
}

const forecast = (fields: Fields): GoldenCase['runs'][number] => ({
  input: numbers(fields, 'z_unpadded'),
  trend: numbers(fields, 'trend'),
  quantiles: numbers(fields, 'quantiles_64x3'),
});

const reconstruction = (tile: Fields): GoldenCase['runs'][number] => ({
  input: numbers(tile, 'z_unpadded'),
  reconstruction: numbers(tile, 'reconstruction'),
  score: numbers(tile, 'score'),
  anomaly_score: [numberOf('anomaly_score', tile['anomaly_score'])],
});

function numbers(fields: Fields, key: string): readonly number[] {
  const found = fields[key];
  if (!Array.isArray(found)) throw refused(`${key}: expected numbers`);
  return found.map((number) => numberOf(key, number));
}
