import { expect, test } from '@jest/globals';
import type { Series, SeriesBlock } from '../../src/contract/index.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { sinksOf } from '../../src/pipeline/sinks-of.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { topologyOf } from '../support/small-topology.ts';

const text = `topology: t
topics: { scores: { schemas: [scores] }, anomalies: { schemas: [anomaly] }, dead: {} }
deadLetters: dead
stages: { export: { from: scores }, report: { from: anomalies } }
fleet: { satellites: { S: { A: { sensors: [volt], model: m } } } }
`;

const block = (name: string, number: number): SeriesBlock => {
  const series: Series = { metric: { name, about: name }, labels: { entity: 'A' } };
  return { series: [series], timestamps: [1_000], numbers: Float32Array.of(number) };
};

test('what two stages of a process say of one entity stands beside each other, until the lanes of the one change', async () => {
  const metrics = openMetrics();
  const sinks = sinksOf(
    topologyOf(text, declarations).stages,
    { victoria: undefined, postgres: undefined },
    metrics.listen,
  );
  const write = (stage: string, name: string): Promise<void> | undefined =>
    sinks.byStage.get(stage)?.write([{ key: 'S/A', value: block(name, 2) }], new AbortController().signal, {
      ...{ group: 'g', topic: 't', partition: 0, next: 1n },
    });
  await write('export', 'of_export');
  await write('report', 'of_report');
  const shown = async () => (await metrics.text()).match(/^of_\w+\{.*/gm);
  expect(await shown()).toEqual(['of_export{entity="A"} 2', 'of_report{entity="A"} 2']);
  metrics.listen({ event: 'generation', stage: 'export', number: 2, member: 'm', partitions: [] });
  expect(await shown()).toEqual(['of_report{entity="A"} 2']);
  await sinks.close();
});
