import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Scale } from '../contract/model.ts';
import { readCheckpoint } from './checkpoint/checkpoint.ts';
import { about, numberOf, objectOf, readMeta } from './meta.ts';
import { readNetwork, type Network } from './network.ts';
import { refused } from './refused.ts';

/** What training hands over of one entity. */
export interface Trained {
  readonly entity: string;
  readonly network: Network;
  readonly normalisation: readonly (Scale | null)[];
  readonly threshold: number;
}

/** Detected is what lies a quarter above all that training saw, unless somebody says better. */
const thresholdOverTraining = 1.25;

/** A checkpoint, with the `meta.json` that lies beside it. The entity is called like the folder, unless it is given a name. */
export function readTrained(checkpoint: string, given: { entity?: string; threshold?: number } = {}): Trained {
  const folder = dirname(resolve(checkpoint));
  const network = about(checkpoint, () => readNetwork(readCheckpoint(readFileSync(checkpoint))));
  return readMeta(folder, (meta) => {
    const most = (): number => numberOf('train_score.max', objectOf('train_score', meta['train_score'])['max']);
    return {
      entity: given.entity ?? basename(folder),
      network,
      normalisation: normalisationOf(meta['normalisation'], network.sensors),
      threshold: given.threshold ?? most() * thresholdOverTraining,
    };
  });
}

/** `{ sensor_0: { min, range, clip }, others: "as they are" }` */
function normalisationOf(value: unknown, sensors: number): readonly (Scale | null)[] {
  const scales = new Map<number, Scale>();
  for (const [key, scale] of Object.entries(objectOf('normalisation', value))) {
    if (key === 'others' && scale === 'as they are') continue;
    const sensor = /^sensor_(\d+)$/.exec(key)?.[1];
    if (sensor === undefined || Number(sensor) >= sensors) throw refused(`normalisation.${key}: no such sensor`);
    scales.set(Number(sensor), scaleOf(`normalisation.${key}`, scale));
  }
  return Array.from({ length: sensors }, (_, sensor) => scales.get(sensor) ?? null);
}

function scaleOf(path: string, value: unknown): Scale {
  const { min, range, clip } = objectOf(path, value);
  const [low, high] = Array.isArray(clip) ? (clip as unknown[]) : [];
  const scale: Scale = {
    min: numberOf(`${path}.min`, min),
    range: numberOf(`${path}.range`, range),
    clip: [numberOf(`${path}.clip`, low), numberOf(`${path}.clip`, high)],
  };
  if (scale.range <= 0 || scale.clip[0] >= scale.clip[1]) throw refused(`${path}: a range or clip that is empty`);
  return scale;
}
