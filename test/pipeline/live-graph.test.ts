import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { graphOf } from '../../src/pipeline/graph.ts';
import { liveGraph } from '../../src/pipeline/live-graph.ts';
import { mermaidOf } from '../../src/pipeline/mermaid.ts';
import type { LaneStatus, Status } from '../../src/pipeline/status.ts';
import { svgOf } from '../../src/pipeline/svg.ts';
import { loadTopology } from '../../src/pipeline/topology-file.ts';

const { topology } = loadTopology(join(import.meta.dirname, '..', '..', 'topologies', 'smap.yaml'));
if (topology === undefined) throw new Error('smap.yaml has mistakes');
const plain = graphOf(topology);

const lane = (stage: string, partition: number, lagRecords: number | undefined, lagSeconds: number | undefined) =>
  ({ stage, partition, lagRecords, lagSeconds, deadLetters: partition }) as LaneStatus;
const status = {
  at: '2026-01-31T12:00:00.500Z',
  groups: [
    { group: 'smap.ingest', state: 'Stable', members: 2 },
    { group: 'smap.batch', state: 'Empty', members: 0 },
  ],
  lanes: [
    ...[lane('ingest', 0, 3, 0.26), lane('ingest', 1, 1, 4)],
    ...[lane('batch', 0, 0, 0), lane('infer', 0, 7, 1), lane('infer', 1, undefined, undefined)],
  ],
} as unknown as Status;
const rates = new Map([
  ['ingest 0', 2.25],
  ['ingest 1', 1],
  ['batch 0', 0],
]);
const live = liveGraph(plain, status, rates);

test('the lanes of a stage are taken together, and what nobody could say is said to be unknown', () => {
  expect(Object.fromEntries(live.nodes.flatMap((node) => (node.live ? [[node.label, node.live]] : [])))).toEqual({
    ingest: ['3.3 records/s', 'lag 4 records, 4.0 s', '2 members, 1 dead letter'],
    batch: ['0.0 records/s', 'no lag', 'no members, no dead letters'],
    infer: ['records/s unknown', 'lag at least 7 records, 1.0 s', 'no members, 1 dead letter'],
    export: ['records/s unknown', 'lag unknown', 'no members, no dead letters'],
    detect: ['records/s unknown', 'lag unknown', 'no members, no dead letters'],
    report: ['records/s unknown', 'lag unknown', 'no members, no dead letters'],
  });
  expect(live.title).toBe('smap at 2026-01-31T12:00:00Z');
});

test('each line is in the drawing, inside of its box', () => {
  expect(mermaidOf(live)).toContain('<small>3.3 records/s</small><br/><small>lag 4 records, 4.0 s</small>');
  const svg = svgOf(live);
  const [, top = '', height = ''] =
    /<g class="stage"><rect x="\d+" y="(\d+)" width="\d+" height="(\d+)"/.exec(svg) ?? [];
  const [, line = ''] = /y="(\d+)">2 members, 1 dead letter</.exec(svg) ?? [];
  expect(Number(line)).toBeGreaterThan(Number(top));
  expect(Number(line)).toBeLessThan(Number(top) + Number(height));
  expect(svgOf(plain)).toContain('height="50" rx="14"');
});
