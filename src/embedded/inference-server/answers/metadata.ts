import { datatypeOf, dimsOf, type OutputConfig } from '../config/model-config.ts';
import type { Repository } from '../repository/repository.ts';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** What a client has to know of a model; controls and states are not its business. */
export function metadataOf(repository: Repository, name: string, version: string): ModelMetadata {
  const { config, plan } = repository.find(name, version);
  const tensor = (one: OutputConfig): TensorMetadata => ({
    name: one.name ?? '',
    datatype: datatypeOf(one.data_type),
    shape: [...(plan.batches ? [-1] : []), ...dimsOf(one.dims)],
  });
  const versions = repository.served
    .filter((served) => served.plan.model === name)
    .map((served) => served.plan.version);
  return {
    name,
    versions,
    platform: config.platform ?? '',
    inputs: (config.input ?? []).map(tensor),
    outputs: (config.output ?? []).map(tensor),
  };
}
