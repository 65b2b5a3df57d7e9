import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Entity, Topology } from '../config/topology.ts';
import type { TlsFiles } from '../config/tls-environment.ts';
import type { TritonSettings } from '../config/triton-environment.ts';
import type { JobModel, ModelMetadata } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import { openInference, type InferenceOptions, type OpenInference } from '../inference/inference.ts';
import type { Emit } from '../telemetry/events.ts';
import { readPem } from './read-pem.ts';

/** The model repository that comes with downlink: beside src/ in a clone, beside dist/ in the package. */
export const modelFolder = join(import.meta.dirname, '..', '..', 'model_repository');

/** The inference servers, and what the model repository says of the models that the fleet names. */
export function inferenceOf(
  { addresses, tls, headers }: TritonSettings,
  { entities, stages }: Pick<Topology, 'entities' | 'stages'>,
  repository: string,
  emit: Emit,
): OpenInference {
  const models = new Set(entities.map(({ model }) => model));
  const metadata = new Map([...models].map((model) => [model, entityModelOf(repository, model)]));
  const asked = new Set(stages.flatMap(({ declaration, settings }) => declaration.asks?.(settings) ?? []));
  const jobModels = new Map([...asked].map((model) => [model, jobModelOf(repository, model)]));
  for (const entity of entities) tellJudge(entity, metadata.get(entity.model), emit);
  return openInference({
    addresses,
    emit,
    metadata,
    jobModels,
    headers: Object.fromEntries([...headers].map(([name, secret]) => [name, secret.reveal()])),
    ...(tls === undefined ? {} : { tls: pemsOf(tls) }),
  });
}

/** Of an entity that its model does not have the stage says what is wrong, when it comes. */
function tellJudge(
  { satellite, name, sensors, ...entity }: Entity,
  model: ModelMetadata | undefined,
  emit: Emit,
): void {
  const known = model?.entities[name];
  if (known === undefined) return;
  const scales = sensors.flatMap((sensor, at) => {
    const scale = known.normalisation[at];
    return scale === null || scale === undefined ? [] : [{ sensor, min: scale.min, range: scale.range }];
  });
  const threshold = entity.threshold ?? known.threshold;
  emit({ event: 'judged-by', judge: { satellite, entity: name, threshold, scales } });
}

function pemsOf({ ca, client }: TlsFiles): NonNullable<InferenceOptions['tls']> {
  const pems = {
    ...(ca === undefined ? {} : { authorities: pem('CA', ca) }),
    ...(client === undefined ? {} : { certificate: pem('CERT', client.cert), key: pem('KEY', client.key) }),
  };
  try {
    createSecureContext({ ca: pems.authorities, cert: pems.certificate, key: pems.key });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new DownlinkError('config-invalid', `environment: DOWNLINK_TRITON_CA, _CERT and _KEY are of no use: ${why}`);
  }
  return pems;
}

const pem = (what: 'CA' | 'CERT' | 'KEY', path: string): Buffer =>
  Buffer.from(readPem(`DOWNLINK_TRITON_${what}`, path));

/** What downlink knows of a model that takes jobs. */
export function jobModelOf(repository: string, model: string): JobModel {
  const found = metadataOf(repository, model);
  if ('task' in found) return found;
  throw new DownlinkError('model-unusable', `${model} scores samples of entities; it takes no jobs`);
}

function entityModelOf(repository: string, model: string): ModelMetadata {
  const found = metadataOf(repository, model);
  if (!('task' in found)) return found;
  throw new DownlinkError('model-unusable', `${model} takes jobs; it scores no samples of entities`);
}

function metadataOf(repository: string, model: string): ModelMetadata | JobModel {
  const path = join(repository, model, 'metadata.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ModelMetadata | JobModel;
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('model-unusable', `${path} cannot be read (${why}); is it the repository of the server?`);
  }
}
