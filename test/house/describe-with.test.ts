import { describe, expect, test } from '@jest/globals';
import { verdictOn } from '../support/describe-with.ts';

describe('tests against a real program', () => {
  const there = { bootstrap: '127.0.0.1:9092', what: 'a broker' };
  const missing = { missing: 'there is no java' };

  test('run when it is there, required or not', () => {
    expect(verdictOn('kafka', there, '')).toEqual({ run: true });
    expect(verdictOn('kafka', there, 'kafka')).toEqual({ run: true });
  });

  test('are skipped with the reason when it is missing', () => {
    expect(verdictOn('kafka', missing, '')).toEqual({ skip: 'there is no java' });
    expect(verdictOn('kafka', missing, 'registry')).toEqual({ skip: 'there is no java' });
    expect(verdictOn('kafka', missing, 'kafka-streams')).toEqual({ skip: 'there is no java' });
  });

  test('fail with the reason when it is missing and required', () => {
    expect(verdictOn('kafka', missing, 'kafka')).toEqual({ fail: 'there is no java' });
    expect(verdictOn('kafka', missing, 'registry, kafka')).toEqual({ fail: 'there is no java' });
  });
});
