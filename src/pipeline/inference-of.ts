import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entity } from '../config/topology.ts';
import type { TritonSettings } from '../config/triton-environment.ts';
import type { ModelMetadata } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import { openInference, type OpenInference } from '../inference/inference.ts';
import { readPem } from './read-pem.ts';

/** The model repository that comes with downlink: beside src/ in a clone, beside dist/ in the package. */
export const modelFolder = join(import.meta.dirname, '..', '..', 'model_repository');

/** The inference servers, and what the model repository says of the models that the fleet names. */
export function inferenceOf(
  { addresses, tls, headers }: TritonSettings,
  entities: readonly Entity[],
  repository: string,
): OpenInference {
  const models = new Set(entities.map(({ model }) => model));
  return openInference({
    addresses,
    metadata: new Map([...models].map((model) => [model, metadataOf(repository, model)])),
    headers: Object.fromEntries([...headers].map(([name, secret]) => [name, secret.reveal()])),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...(tls.ca === undefined ? {} : { authorities: pem('CA', tls.ca) }),
            ...(tls.client === undefined
              ? {}
              : { certificate: pem('CERT', tls.client.cert), key: pem('KEY', tls.client.key) }),
          },
        }),
  });
}

const pem = (what: 'CA' | 'CERT' | 'KEY', path: string): Buffer =>
  Buffer.from(readPem(`DOWNLINK_TRITON_${what}`, path));

function metadataOf(repository: string, model: string): ModelMetadata {
  const path = join(repository, model, 'metadata.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ModelMetadata;
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('model-unusable', `${path} cannot be read (${why}); is it the repository of the server?`);
  }
}
