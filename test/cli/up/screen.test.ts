import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { nextSteps } from '../../../src/cli/up/next-steps.ts';
import { screen, span } from '../../../src/cli/up/screen.ts';
import { heard, openRates, openView, sawAnomaly, sawScores, trouble, type View } from '../../../src/cli/up/view.ts';
import { loadTopology } from '../../../src/pipeline/topology-file.ts';
import { anomaly, scores } from './records.ts';

const { topology } = loadTopology(join(import.meta.dirname, '..', '..', '..', 'topologies', 'smap.yaml'));
const now = Date.UTC(2026, 10, 22, 12);
const next = [
  'your data:  DOWNLINK_KAFKA=127.0.0.1:12345 npx downlink replay --topology topologies/smap.yaml --data DIR',
];

function opened(): View {
  if (topology === undefined) throw new Error('smap.yaml has mistakes');
  return openView(topology, now - 60_000);
}
const shown = (view: View, columns: number, rows = 40) =>
  screen(view, { now, size: { columns, rows }, colour: false, next });
const lineOf = (lines: readonly string[], name: string): string =>
  lines.find((line) => line.startsWith(`  ${name} `)) ?? `no line of ${name}`;

describe('the screen', () => {
  test.each([80, 120, 200])('fits into %i columns and any number of rows, with all that there is to say', (columns) => {
    const view = opened();
    for (let second = 60; second > 0; second--)
      for (const entity of ['A-1', 'D-2'])
        sawScores(view, scores({ entity, score: [0.1], timestamp: now - second * 1_000 }), now - second * 1_000);
    sawAnomaly(view, anomaly({ phase: 'opened', sentence: 'sensor_0 moves '.repeat(20) }));
    heard(view, { part: 'kafka', is: 'dead', how: 'SIGKILL', restartMs: 500 }, now - 1_000);
    for (const rows of [12, 24, 40]) {
      const lines = shown(view, columns, rows);
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(lines.at(0)).toContain('1 of 9 with an anomaly');
      expect(lines.slice(-4).join(' ').replaceAll(/\s+/g, ' ')).toContain('downlink replay --topology');
    }
    const lines = shown(view, columns);
    expect(lines.join('\n')).toContain('12:00:00  SAT-001/A-1  open');
    expect(lines.join('\n')).toContain('kafka: died (SIGKILL); it is started again in 0.5 s');
  });

  test('draws a score on its way to the limit, full above it, and nothing where nothing came', () => {
    const view = opened();
    const course = [0, 0.1, 0.2, undefined, 0.29, 0.31];
    for (const [at, score] of course.entries()) {
      const seen = now - (course.length - at) * 1_000;
      if (score !== undefined) sawScores(view, scores({ score: [score], threshold: 0.3, timestamp: seen }), seen);
    }
    expect(lineOf(shown(view, 120), 'A-1')).toMatch(/ ▁▃▅ ▇█ +0\.3100 +0\.3000 {2}over limit/);
  });

  test('says of each entity how it is', () => {
    const view = opened();
    const saw = (entity: string, record: { score: number[]; warming?: boolean[] }, at = now) =>
      sawScores(view, scores({ entity, ...record }), at);
    saw('A-1', { score: [0.1] });
    saw('A-2', { score: [0.1], warming: [true] });
    saw('A-3', { score: [0.1] }, now - 11_000);
    saw('G-1', { score: [0.1] });
    sawAnomaly(view, anomaly({ entity: 'G-1', satellite_id: 'SAT-003', phase: 'opened' }));
    const states = () => ['A-1', 'A-2', 'A-3', 'D-1', 'G-1'].map((name) => lineOf(shown(view, 120), name));
    for (const [at, state] of ['quiet', 'warming', 'silent', 'no sample', 'ANOMALY'].entries())
      expect(states()[at]).toContain(` ${state} `);
    sawAnomaly(view, anomaly({ entity: 'G-1', satellite_id: 'SAT-003', phase: 'closed' }));
    expect(states()[4]).toContain(' quiet ');
  });

  test('shows open anomalies before those that are over, the newest first, each once', () => {
    const view = opened();
    for (const [id, phase] of [
      ['a', 'opened'],
      ['b', 'opened'],
      ['b', 'closed'],
      ['c', 'opened'],
      ['c', 'updated'],
    ] as const)
      sawAnomaly(view, anomaly({ id, phase, sentence: `sentence ${id}` }));
    const sentences = shown(view, 120).flatMap((line) => /sentence ./.exec(line) ?? []);
    expect(sentences).toEqual(['sentence c', 'sentence a', 'sentence b']);
  });

  test('tells what happens to its parts until it is over, and of many that say the same only the newest', () => {
    const view = opened();
    heard(view, { part: 'stages', is: 'running', pid: 1, text: '', addresses: {} }, now);
    expect(shown(view, 80)[1]).toContain('● stages');
    heard(view, { part: 'stages', is: 'dead', how: 'SIGKILL', restartMs: 500 }, now);
    expect(shown(view, 80)[1]).toContain('✖ stages died');
    heard(view, { part: 'stages', is: 'starting' }, now);
    expect(shown(view, 80)[1]).toContain('○ stages starts');
    heard(view, { part: 'stages', is: 'running', pid: 2, text: '', addresses: {} }, now);
    expect(shown(view, 80).join('\n')).toContain('stages: runs again');
    const said = { at: now, part: 'stages', bad: true, key: 'infer retrying' };
    expect([1, 2, 3].map((lane) => trouble(view, { ...said, text: `lane ${lane}` }))).toEqual([true, false, false]);
    expect(shown(view, 80).filter((line) => line.includes('lane'))).toEqual(['  12:00:00  stages: lane 3']);
  });

  test('says where its parts serve, where there is room', () => {
    const view = opened();
    const addresses = { kafka: '127.0.0.1:1234', registry: 'http://127.0.0.1:5678' };
    heard(view, { part: 'kafka', is: 'running', pid: 1, text: '', addresses }, now);
    expect(shown(view, 80)[1]).toBe('● kafka 127.0.0.1:1234 http://127.0.0.1:5678');
    expect(shown(view, 40)[1]).toBe('● kafka');
  });

  test('has room for an open anomaly on a small terminal', () => {
    const view = opened();
    sawAnomaly(view, anomaly({ phase: 'opened', sentence: 'sensor_0 moves' }));
    const lines = screen(view, { now, size: { columns: 80, rows: 24 }, colour: false, next: nextSteps('', {}, true) });
    expect(lines.join('\n')).toContain('sensor_0 moves');
    expect(lines.at(-1)).toContain('http://HOST:8081');
  });

  test('names what is elsewhere', () => {
    if (topology === undefined) throw new Error('smap.yaml has mistakes');
    const view = openView(topology, now, ['kafka broker-1:9092']);
    heard(view, { part: 'stages', is: 'running', pid: 1, text: '', addresses: {} }, now);
    expect(shown(view, 80).slice(1, 3)).toEqual(['● stages', '◇ kafka broker-1:9092']);
    expect(shown(view, 16)[2]).toBe('◇ kafka broker-…');
  });

  test('what somebody else named cannot steer the terminal', () => {
    const view = opened();
    sawAnomaly(view, anomaly({ phase: 'opened', sentence: 'a\u001b[2Jb' }));
    expect(shown(view, 80).join('')).not.toContain('\u001b');
  });

  test('rates are of the last seconds', () => {
    const view = opened();
    const rates = openRates(view);
    rates(now);
    sawScores(view, scores({ score: [0, 0, 0, 0, 0, 0, 0, 0] }), now);
    rates(now + 2_000);
    expect(view.entities.get('SAT-001/A-1')?.rate).toBe(4);
    rates(now + 4_000);
    expect(view.entities.get('SAT-001/A-1')?.rate).toBe(0);
  });

  test.each([
    [-5, '0.0 s'],
    [9_900, '9.9 s'],
    [119_000, '119 s'],
    [600_000, '10 min'],
    [7_200_000, '2 h'],
    [864_000_000, '10 d'],
  ])('%i ms are %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});
