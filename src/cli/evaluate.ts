import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOfEntity } from '../config/entities-named.ts';
import type { Topology } from '../config/topology.ts';
import { evaluate, type Evaluation } from '../evaluation/evaluate.ts';
import { indexPage } from '../evaluation/pictures/index-page.ts';
import { svgOf } from '../evaluation/pictures/svg-of.ts';
import { report } from '../evaluation/report.ts';
import type { Series } from '../evaluation/series.ts';
import { toJson } from '../evaluation/to-json.ts';
import { placesOf, rowsOf } from '../pipeline/quiet-rows.ts';
import { loadTopology } from '../pipeline/topology-file.ts';
import { detectIn } from '../pipeline/train-detector.ts';
import { watchRows } from '../pipeline/watched-rows.ts';
import { choose, type Chosen } from '../replay/choose.ts';
import { labeledAnomalies, type Span } from '../replay/labels.ts';
import { settingsFor } from '../stages/detect/settings.ts';
import { printProblems } from './load-settings.ts';
import type { Verb } from './verb.ts';

interface Options {
  readonly topology: string;
  readonly data: string;
  readonly entity: readonly string[];
  readonly out?: string;
  readonly json?: true;
}

/** What detect finds in a data set with labels, beside what would have been found without looking. */
export const evaluateVerb: Verb = (program, shell, done) => {
  program
    .command('evaluate')
    .description('judge detect by the labels of a data set; exit code 1 unless it beats all that does not look')
    .requiredOption('--topology <file>', 'the topology file: its detect is judged, with its settings')
    .requiredOption(
      '--data <dir>',
      'the data set (the layouts of `downlink replay`): its training rows are learned first',
    )
    .option(
      '--entity <name>',
      'only this entity; may be given several times',
      (name, all: string[]) => [...all, name],
      [],
    )
    .option('--out <dir>', 'draw each entity into this folder, with an index page')
    .option('--json', 'all figures as JSON')
    .addHelpText(
      'after',
      '\nExample: downlink evaluate --topology topologies/smap-54.yaml --data ./SMAP --out pictures',
    )
    .action(async ({ topology: file, data, entity: names, out, json }: Options) => {
      const { topology, problems } = loadTopology(file);
      if (topology === undefined) {
        printProblems(problems, shell);
        done(1);
        return;
      }
      const series = await seriesOf(topology, data, names);
      const evaluation = evaluate(series);
      shell.out(json === true ? `${JSON.stringify(toJson(evaluation), null, 2)}\n` : report(evaluation));
      if (out !== undefined) shell.err(`${draw(out, series, evaluation)}\n`);
      done(evaluation.gate.passed ? 0 : 1);
    });
};

async function seriesOf(topology: Topology, data: string, names: readonly string[]): Promise<readonly Series[]> {
  const { settings } = detectIn(topology);
  const { chosen } = await choose({ topology, telemetry: { data, split: 'test' }, names, faults: [] });
  const train = await choose({ topology, telemetry: { data, split: 'train' }, names, faults: [] });
  const spans = spansIn(data);
  const all: Series[] = [];
  for (const { entity, source } of chosen) {
    const key = keyOfEntity(entity);
    const places = placesOf(topology, entity);
    const { values, labels } = await source.read(0, source.rows);
    const quiet = await valuesOf(train.chosen.find((one) => one.entity === entity));
    const columns = (of: Float32Array) => places.map((place) => rowsOf(of, source.columns, place));
    const column = (of: Float32Array) =>
      Float32Array.from(
        { length: of.length / source.columns },
        (_, row) => of[row * source.columns + (places[0] ?? 0)] ?? NaN,
      );
    all.push({
      entity: key,
      rows: source.rows,
      labels: spans.get(entity.name) ?? runsOf(labels ?? []),
      telemetry: column(values),
      training: column(quiet),
      ...watchRows(settingsFor(settings, key), columns(quiet), columns(values)),
    });
    await source.close();
  }
  return all;
}

async function valuesOf(chosen: Chosen | undefined): Promise<Float32Array> {
  if (chosen === undefined) return new Float32Array(0);
  const { values } = await chosen.source.read(0, chosen.source.rows);
  await chosen.source.close();
  return values;
}

/** telemanom's own list, in which events may lie over each other; rows alone would make one of them. */
function spansIn(data: string): ReadonlyMap<string, readonly Span[]> {
  const file = join(data, 'labeled_anomalies.csv');
  return existsSync(file) ? labeledAnomalies(file, readFileSync(file, 'utf8')) : new Map();
}

function runsOf(labels: readonly (readonly string[])[]): readonly Span[] {
  const runs: { first: number; last: number; kind: string }[] = [];
  for (const [row, [kind]] of labels.entries()) {
    if (kind === undefined) continue;
    const run = runs.at(-1);
    if (run?.last === row - 1) run.last = row;
    else runs.push({ first: row, last: row, kind });
  }
  return runs;
}

function draw(folder: string, all: readonly Series[], evaluation: Evaluation): string {
  mkdirSync(folder, { recursive: true });
  for (const series of all) writeFileSync(join(folder, `${nameOf(series.entity)}.svg`), svgOf(series));
  const page = join(folder, 'index.html');
  writeFileSync(page, indexPage(all, evaluation));
  return `${all.length} pictures; begin with ${page}`;
}

const nameOf = (entity: string): string => entity.replaceAll('/', '-');
