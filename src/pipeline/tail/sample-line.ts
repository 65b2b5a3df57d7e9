import { shortestFloat32 } from '../../avro/shortest-float32.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import type { Sample } from './samples-in.ts';
import { sharesJson, sharesText } from './shares-text.ts';

export interface LineStyle {
  /** Of satellite and entity together, so that lines stand below each other. */
  readonly width: number;
  readonly colour: boolean;
}

/** Where the record stands that something was read from. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/** A sample as a line: time, entity, index, score against threshold, what is to be known of it, the worst sensors. */
export function sampleLine(sample: Sample, { width, colour }: LineStyle): string {
  const { satellite_id, entity, timestamp, index, score, threshold, detected, sensors } = sample;
  const cells = [
    instant(timestamp),
    printable(`${satellite_id}/${entity}`).padEnd(width),
    String(index).padStart(8),
    `${short(score).padStart(9)} ${score > threshold ? '>' : '≤'} ${short(threshold)}`,
    marks(sample),
    sharesText(sensors),
  ];
  const line = cells.join('  ').trimEnd();
  return detected && colour ? `\u001b[1;31m${line}\u001b[0m` : line;
}

const short = (number: number): string => String(Number(number.toPrecision(4)));

const marks = ({ detected, warming, gap }: Sample): string =>
  [...(detected ? ['DETECTED'] : []), ...(warming ? ['warming'] : []), ...(gap ? ['gap'] : [])].join(' ');

/** A sample as JSON, with where its record stands. */
export function sampleJson(sample: Sample, { partition, offset }: RecordPlace): string {
  const { timestamp, score, sensors } = sample;
  return JSON.stringify({
    kind: 'sample',
    time: instant(timestamp),
    ...sample,
    timestamp,
    score: shortestFloat32(score),
    sensors: sharesJson(sensors),
    partition,
    offset: Number(offset),
  });
}
