import { expect, test } from '@jest/globals';
import pg from 'pg';
import type { Row } from '../../src/contract/index.ts';
import { columnsOf } from '../../src/sinks/postgres/columns.ts';
import { cursorOf, placeOf } from '../../src/sinks/postgres/cursor.ts';
import { failureOf } from '../../src/sinks/postgres/failure.ts';
import { keptSince } from '../../src/sinks/postgres/retention.ts';
import { between, spanOf } from '../../src/sinks/postgres/span.ts';
import { unlessAborted } from '../../src/sinks/postgres/unless-aborted.ts';
import { validRecords } from '../support/samples.ts';

const job = (id: string, model = 'm'): Row => ({ table: 'jobs', columns: { ...validRecords.job, id, model } });
const cancel = (id: string): Row => ({ table: 'job_cancels', columns: { id, owner: 'console', cancelled_at: 0 } });

const sqlState = (code: string): Error =>
  Object.assign(new pg.DatabaseError('words of the server', 0, 'error'), { code });
const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

test.each<readonly [string, Error]>([
  ...['08006', '53300', '57P01', '57P03', '57014', '40001', '40P01', '55P03', '25006', '58030'].map(
    (code) => [code, sqlState(code)] as const,
  ),
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE'].map((code) => [code, coded(code)] as const),
  ['lost', new Error('Connection terminated unexpectedly')],
  ['no answer', new Error('Query read timeout')],
  ['no connection', new Error('timeout exceeded when trying to connect')],
  ['broken', new Error('Client has encountered a connection error and is not queryable')],
  ['several addresses', Object.assign(new AggregateError([new Error('connect to ::1')], ''), { code: 'ECONNREFUSED' })],
])('%s is a matter of waiting', (_, thrown) => {
  const error = failureOf(thrown, 'host:5432/db');
  expect([error.code, error.verdict]).toEqual(['postgres-unavailable', 'retry']);
  expect(error.detail).toMatch(/^host:5432\/db: ./);
  expect(error.cause).toBe(thrown);
});

test.each<readonly [string, Error]>([
  ...['28P01', '28000', '3D000', '42501', '42P01', '42P07', '23505', '22021', 'XX000', '0A000'].map(
    (code) => [code, sqlState(code)] as const,
  ),
  ['certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate')],
  ['no TLS', new Error('The server does not support SSL connections')],
  ['no password', new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')],
  ['a fault', new TypeError('x is not a function')],
])('%s stops', (_, thrown) => {
  const error = failureOf(thrown, 'host:5432/db');
  expect([error.code, error.verdict]).toEqual(['postgres-refused', 'stop']);
});

test('rows of a table become columns, jobs before what takes them back, each row once', () => {
  const rows = [cancel('b'), job('a', 'first'), job('b'), cancel('a'), job('a', 'again'), cancel('b')];
  const [jobs, cancels, ...none] = columnsOf(rows);
  expect([jobs?.table, jobs?.count, cancels?.table, cancels?.count, none]).toEqual(['jobs', 2, 'job_cancels', 2, []]);
  expect(jobs?.lists[0]).toEqual(['a', 'b']);
  expect(jobs?.lists[2]).toEqual(['first', 'm']);
  expect(cancels?.lists[0]).toEqual(['b', 'a']);
});

test('ids that PostgreSQL would take for one are one', () => {
  const [jobs] = columnsOf([job('a\0'), job('a\uFFFD')]);
  expect(jobs?.count).toBe(1);
});

test('a span is a day or a month in UTC, before 1970 and across a year too', () => {
  const at = Date.UTC(2026, 11, 31, 23, 59);
  expect(spanOf(at, 'day')).toEqual({ from: Date.UTC(2026, 11, 31), to: Date.UTC(2027, 0, 1) });
  expect(spanOf(at, 'day', 1)).toEqual({ from: Date.UTC(2027, 0, 1), to: Date.UTC(2027, 0, 2) });
  expect(spanOf(at, 'month', 1)).toEqual({ from: Date.UTC(2027, 0, 1), to: Date.UTC(2027, 1, 1) });
  expect(spanOf(-1, 'day')).toEqual({ from: -86_400_000, to: 0 });
});

test('a span ends where another begins', () => {
  const [may, day] = [Date.UTC(2026, 4, 1), 86_400_000];
  const others = [3, 10].map((days) => ({ from: may + days * day, to: may + (days + 1) * day }));
  expect(between(spanOf(may, 'month'), may + 5 * day, others)).toEqual({ from: may + 4 * day, to: may + 10 * day });
  expect(between(spanOf(may, 'month'), may, others)).toEqual({ from: may, to: may + 3 * day });
});

test('rows are kept from the beginning of a day or a month, or for ever', () => {
  const now = Date.UTC(2026, 4, 15, 12);
  expect(keptSince({ retentionDays: 30, partitionBy: 'day' }, now)).toBe(Date.UTC(2026, 3, 15));
  expect(keptSince({ retentionDays: 30, partitionBy: 'month' }, now)).toBe(Date.UTC(2026, 3, 1));
  expect(keptSince({ retentionDays: 0, partitionBy: 'day' }, now)).toBe(-Infinity);
});

test('a cursor is the place that it was made of, and what is none is none', () => {
  const place = { completedAt: 1_700_000_000_123, id: 'ä/1' };
  expect(placeOf(cursorOf(place))).toEqual(place);
  for (const odd of ['', 'x', 'bnVsbA', Buffer.from('["a",1]').toString('base64url')])
    expect(placeOf(odd)).toBeUndefined();
});

test('what nobody waits for any more is given up, and what comes of it is handed on', async () => {
  const late: string[] = [];
  const ending = new AbortController();
  let finish: (text: string) => void = () => undefined;
  const begun = new Promise<string>((resolve) => (finish = resolve));
  const waiting = unlessAborted(begun, ending.signal, (text) => late.push(text));
  ending.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'postgres-unavailable' });
  finish('late');
  await begun;
  expect(late).toEqual(['late']);
  expect(await unlessAborted(Promise.resolve('in time'), new AbortController().signal)).toBe('in time');
});
