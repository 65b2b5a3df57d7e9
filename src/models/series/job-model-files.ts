import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { JobModel } from '../../contract/model.ts';
import { checkName, type ModelFiles } from '../repository.ts';
import { jobConfigText, type JobTensor } from './job-config.ts';

/** A job model that is not written yet: all but what follows from the file. */
export interface NewJobModel {
  readonly file: Uint8Array;
  readonly inputs: readonly JobTensor[];
  readonly outputs: readonly JobTensor[];
  readonly metadata: (weights: string) => JobModel;
  /** On a GPU, by TensorRT. */
  readonly tensorrt?: boolean;
}

/** SHA-256 in hexadecimal. */
export const hashOf = (file: Uint8Array): string => createHash('sha256').update(file).digest('hex');

/** The configuration comes last, because a server that looks into the folder meanwhile begins with it. */
export function jobModelFiles(name: string, { file, inputs, outputs, metadata, tensorrt }: NewJobModel): ModelFiles {
  checkName(name);
  return new Map<string, Uint8Array | string>([
    [join('1', 'model.onnx'), file],
    ['metadata.json', metadataText(metadata(hashOf(file)))],
    ['config.pbtxt', jobConfigText(name, inputs, outputs, tensorrt)],
  ]);
}

/** A field a line, so that a change can be seen. */
function metadataText(metadata: JobModel): string {
  const fields = Object.entries(metadata).map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}
