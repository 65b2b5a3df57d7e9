import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobModel, ModelMetadata } from '../contract/model.ts';
import { configText } from './config-pbtxt.ts';
import { fleetGraph } from './fleet-graph.ts';
import { readNetwork, sizesOf, type Network } from './network.ts';
import { constantsIn } from './onnx/constants.ts';
import { refused } from './refused.ts';
import type { Form } from './sequence-graph.ts';
import { singleGraph } from './single-graph.ts';
import { tensorsHeld } from './stored.ts';
import type { Trained } from './trained.ts';

/** The files of one model, by their path below the model's folder. */
export type ModelFiles = ReadonlyMap<string, Uint8Array | string>;

const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const [configFile, modelFile, metadataFile] = ['config.pbtxt', join('1', 'model.onnx'), 'metadata.json'];

/** Refuses what cannot be the name of a model or an entity: it becomes a folder's. */
export function checkName(text: string): void {
  if (nameForm.test(text)) return;
  throw refused(`${JSON.stringify(text)} cannot be a name: letters, digits, dot, _ and - only`);
}

/** The files of a model that holds what was trained of these entities; the same bytes for the same checkpoints. */
export function modelFiles(name: string, form: Form, given: readonly Trained[]): ModelFiles {
  const trained = [...given].sort((a, b) => (a.entity < b.entity ? -1 : 1));
  for (const text of [name, ...trained.map(({ entity }) => entity)]) checkName(text);
  const [first, ...others] = trained;
  if (first === undefined) throw refused(`model ${name}: no entity`);
  others.forEach(({ entity, network }, index) => {
    if (entity === trained[index]?.entity) throw refused(`model ${name}: two checkpoints of the entity ${entity}`);
    if (sizesOf(network) !== sizesOf(first.network)) {
      throw refused(
        `model ${name}: ${entity} cannot share a graph with ${first.entity}: ` +
          `${sizesOf(network)} against ${sizesOf(first.network)}`,
      );
    }
  });
  const metadata: ModelMetadata = {
    kind: 'omnianomaly',
    form,
    sensors: first.network.sensors,
    state: [first.network.recurrent.length, first.network.hidden],
    entities: Object.fromEntries(
      trained.map(({ entity, network, threshold, normalisation }, index) => [
        entity,
        { index, weights: network.hash, threshold, normalisation },
      ]),
    ),
  };
  const networks = [first.network, ...others.map(({ network }) => network)] as const;
  return new Map<string, Uint8Array | string>([
    [configFile, configText(name, form, first.network, trained.length)],
    [metadataFile, metadataText(metadata)],
    [modelFile, form === 'fleet' ? fleetGraph(networks) : singleGraph(first.network)],
  ]);
}

/** An entity a line, so that a change can be seen. */
function metadataText({ entities, ...shared }: ModelMetadata): string {
  const lines = Object.entries(entities).map(
    ([entity, model]) => `  ${JSON.stringify(entity)}: ${JSON.stringify(model)}`,
  );
  const fields = Object.entries(shared).map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `{\n${fields.join('\n')}\n "entities": {\n${lines.join(',\n')}\n }\n}\n`;
}

export function writeModel(repository: string, name: string, files: ModelFiles): void {
  for (const [path, content] of files) {
    const file = join(repository, name, path);
    mkdirSync(dirname(file), { recursive: true });
    // Whoever reads meanwhile sees the old file or the new one, never half of it.
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
  }
}

/** The models of a repository that downlink knows how to ask, by name. */
export function modelsIn(repository: string): readonly string[] {
  if (!existsSync(repository)) throw refused(`no model repository at ${repository}`);
  return readdirSync(repository)
    .filter((name) => existsSync(join(repository, name, metadataFile)))
    .sort();
}

/** A model that scores telemetry. */
export interface StoredModel {
  readonly name: string;
  readonly metadata: ModelMetadata;
  readonly file: Uint8Array;
}

/** A model that answers jobs. */
export interface StoredJobModel {
  readonly name: string;
  readonly metadata: JobModel;
  readonly file: Uint8Array;
}

export type AnyStoredModel = StoredModel | StoredJobModel;

export const isJobModel = (model: AnyStoredModel): model is StoredJobModel => 'task' in model.metadata;

export function readModel(repository: string, name: string): StoredModel {
  const model = readAnyModel(repository, name);
  if (!isJobModel(model)) return model;
  throw refused(`model ${name} scores no telemetry: it answers jobs (${model.metadata.task})`);
}

export function readAnyModel(repository: string, name: string): AnyStoredModel {
  const folder = join(repository, name);
  if (!existsSync(join(folder, metadataFile))) throw refused(`no model called ${name} in ${repository}`);
  return {
    name,
    // Written by `modelFiles` or `jobModelFiles`; a hand that changed it is found out by `checkModel` and `checkJobModel`.
    metadata: JSON.parse(readFileSync(join(folder, metadataFile), 'utf8')) as ModelMetadata | JobModel,
    file: readFileSync(join(folder, modelFile)),
  } as AnyStoredModel;
}

/** The networks of all entities, read back from the graph: every bit that was trained is in it. */
export function networksOf({ metadata, file }: StoredModel): ReadonlyMap<string, Network> {
  const constants = constantsIn(file);
  return new Map(
    Object.entries(metadata.entities).map(([entity, { index }]) => [
      entity,
      readNetwork(tensorsHeld(metadata.form, constants, index)),
    ]),
  );
}
