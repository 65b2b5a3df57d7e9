import { expect, test } from '@jest/globals';
import { batchesIn } from '../../src/kafka/records/batches.ts';
import { attributes, layout } from '../../src/kafka/records/batch-layout.ts';
import { encodeBatch, type OutRecord } from '../../src/kafka/records/encode-batch.ts';
import { recordJson } from '../../src/pipeline/inspect/record-json.ts';
import { recordText } from '../../src/pipeline/inspect/record-text.ts';
import type { Shown } from '../../src/pipeline/inspect/shown.ts';
import { valueText } from '../../src/pipeline/inspect/value-text.ts';
import { plain } from '../kafka/records/random-records.ts';

function shownOf(record: OutRecord, value: Shown['value'], appendTime = false): Shown {
  const bytes = encodeBatch([record], { ...plain, transactional: true, codec: 'lz4' });
  if (appendTime)
    bytes.writeInt16BE(bytes.readInt16BE(layout.attributes) | attributes.logAppendTime, layout.attributes);
  for (const batch of batchesIn(bytes, { crc: false })) {
    for (const view of batch.records()) return { topic: 't', logged: { partition: 2, view, batch }, value };
  }
  throw new Error('no record');
}

const record = { key: Buffer.from([65, 27]), value: null, timestamp: -1, headers: [['h\u009b', null]] as const };

test('a record is shown with its kind of time, bytes that are no text as hex, and nothing that steers a terminal', () => {
  expect(recordText(shownOf({ ...record, timestamp: 0 }, { kind: 'none' }, true)).split('\n')).toEqual([
    't 2:0  LogAppendTime 1970-01-01T00:00:00.000Z, lz4, transactional',
    '  key      0x411b',
    '  headers',
    '    h\\u009b  null',
    '  value    null: a tombstone',
    '',
  ]);
  const text = recordText(
    shownOf(record, { kind: 'decoded', schema: { id: 1, name: 'n.R' }, of: { s: 'a\u001b[2J' } }),
  );
  expect(text).toContain('    s  a\\u001b[2J\n');
  expect(text).toContain('CreateTime none, lz4');
});

test('in JSON nothing is cut, and what JSON has no word for is still there', () => {
  const of = {
    at: new Date(5),
    big: 2n ** 60n,
    raw: Buffer.from([1]),
    list: Array(90).fill(NaN),
    text: 'é'.repeat(999),
  };
  const found = JSON.parse(
    recordJson(shownOf(record, { kind: 'decoded', schema: { id: 1, name: 'n.R' }, of })),
  ) as object;
  expect(found).toMatchObject({
    timestamp: -1,
    time: null,
    key: { hex: '411b' },
    transactional: true,
    value: { at: 5, big: '1152921504606846976', raw: { hex: '01' }, list: Array(90).fill(null), text: 'é'.repeat(999) },
  });
});

test('in text what is long is cut, and says how much is left out', () => {
  const many = Array.from({ length: 63 }, (_, at) => at);
  expect(valueText({ many, text: 'x'.repeat(301), none: null })).toBe(
    `{ many: [${many.slice(0, 12).join(', ')}, … 51 more], text: "${'x'.repeat(300)} … 1 more", none: null }`,
  );
  expect(valueText(Buffer.alloc(50))).toBe(`0x${'00'.repeat(48)} … 2 bytes more`);
  expect(valueText([1n, NaN, new Date(0), [true]])).toBe('[1, NaN, 1970-01-01T00:00:00.000Z, [true]]');
});
