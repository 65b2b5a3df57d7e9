import { expect, test } from '@jest/globals';
import { openDriver } from '../../src/runner/driver.ts';
import { defaultLimits } from '../../src/runner/run-stage.ts';
import { passThrough } from '../support/pass-through.ts';

const wiring = passThrough({ group: 'one', from: 'in', to: 'out', partitions: 2, checkpoints: 'state' });
const open = () =>
  openDriver({
    wirings: [wiring as never],
    partitionsOf: () => 2,
    limits: { ...defaultLimits, maxWaitMs: 5, maxRecords: 3 },
  });
const record = (value: string | null) => ({ key: 'k', value, timestamp: 7 });

test('records that come within the wait are one batch, and come out in order', async () => {
  const driver = open();
  await driver.put('in', 1, record('k 1'));
  await driver.advance(4);
  await driver.put('in', 1, record('k 2'));
  expect(driver.records('out')).toEqual([]);
  await driver.advance(1);
  expect(driver.records('out').map(({ value, partition }) => [String(value), partition])).toEqual([
    ['k 1 1', 1],
    ['k 2 2', 1],
  ]);
  expect(driver.records('state').map(({ value }) => String(value))).toEqual(['2']);
});

test('a full batch waits for nothing', async () => {
  const driver = open();
  for (const value of ['k 1', 'k 2', 'k 3', 'k 4']) await driver.put('in', 0, record(value));
  expect(driver.records('out')).toHaveLength(3);
  await driver.settle();
  expect(driver.records('out')).toHaveLength(4);
});

test('a stage that is opened again goes on from its checkpoints', async () => {
  const driver = open();
  await driver.put('in', 0, record('k 1'));
  await driver.settle();
  await driver.put('in', 0, record('k 2'));
  // It waits for more when the crash comes.
  await driver.reopen();
  await driver.put('in', 0, record('k 3'));
  await driver.settle();
  expect(driver.records('out').map(({ value }) => String(value))).toEqual(['k 1 1', 'k 2 2', 'k 3 3']);
});

test('what is refused is a dead letter, byte for byte, with its reason and its way back', async () => {
  const driver = open();
  await driver.put('in', 1, { ...record(null), headers: [['from', 'here']] });
  await driver.settle();
  const [letter] = driver.records('out-dead');
  expect(letter?.value).toBeNull();
  expect(Object.fromEntries(letter?.headers().map(([name, value]) => [name, String(value)]) ?? [])).toEqual({
    from: 'here',
    'downlink.code': 'record-unframed',
    'downlink.phase': 'decode',
    'downlink.stage': 'one',
    'downlink.topic': 'in',
    'downlink.partition': '1',
    'downlink.offset': '0',
    'downlink.timestamp': '7',
    'downlink.detail': 'the record has no value',
  });
});

test('a trace goes from what a key came with to what it leaves with', async () => {
  const driver = open();
  await driver.put('in', 0, { ...record('k 1'), headers: [['traceparent', '00-a-b-01']] });
  await driver.settle();
  expect(
    driver
      .records('out')[0]
      ?.headers()
      .map(([name, value]) => [name, String(value)]),
  ).toEqual([['traceparent', '00-a-b-01']]);
});
