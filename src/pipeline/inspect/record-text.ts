import { letterHeaders } from '../../runner/dead-letter.ts';
import { aligned } from '../aligned.ts';
import { instant } from '../instant.ts';
import { printable } from '../printable.ts';
import type { Shown } from './shown.ts';
import { textIn } from './text-in.ts';
import { timeKind, timeOf } from './time-of.ts';
import { hexText, lettersText, valueText } from './value-text.ts';

/** A record as a person reads it: where and when, its key, its headers, its value field by field. */
export function recordText({ topic, logged: { partition, view, batch }, value }: Shown): string {
  const time = `${timeKind(batch)} ${timeOf(view) ?? 'none'}`;
  const packed = batch.codec === 'none' ? 'not compressed' : (batch.codec ?? 'unknown codec');
  const kinds = [time, packed, ...(batch.transactional ? ['transactional'] : [])];
  return [
    `${topic} ${partition}:${view.offset}  ${kinds.join(', ')}`,
    `  key      ${bytesText(view.key)}`,
    ...headerLines(view.headers()),
    ...valueLines(value),
    '',
  ].join('\n');
}

function headerLines(headers: readonly (readonly [string, Buffer | null])[]): readonly string[] {
  if (headers.length === 0) return [];
  const rows = headers.map(([name, bytes]) => [printable(name), `${bytesText(bytes)}${timeIn(name, bytes)}`]);
  return ['  headers', ...aligned(rows).map((line) => `    ${line}`)];
}

/** Of the record that was refused. */
const timeIn = (name: string, bytes: Buffer | null): string =>
  name === letterHeaders.timestamp ? ` (${instant(Number(bytes))})` : '';

const bytesText = (bytes: Buffer | null): string => {
  if (bytes === null) return 'null';
  const text = textIn(bytes);
  return text === undefined ? hexText(bytes) : lettersText(text);
};

function valueLines(value: Shown['value']): readonly string[] {
  if (value.kind === 'none') return ['  value    null: a tombstone'];
  if (value.kind === 'bytes') {
    const { bytes, reason } = value;
    const what = `${bytes.length} bytes${reason === undefined ? '' : `, not decoded: ${printable(reason)}`}`;
    return [`  value    ${what}`, `    ${bytesText(bytes)}`];
  }
  const { schema, of } = value;
  return [`  value    schema ${schema.id} ${schema.name}`, ...fieldLines(of).map((line) => `    ${line}`)];
}

function fieldLines(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || !isRecord(value)) return [valueText(value)];
  return aligned(
    Object.entries(value).map(([name, of]) => [
      printable(name),
      typeof of === 'string' ? lettersText(of) : valueText(of),
    ]),
  );
}

const isRecord = (value: object): boolean =>
  !Array.isArray(value) && !Buffer.isBuffer(value) && !(value instanceof Date);
