import { classify, DownlinkError } from '../errors.ts';

/** What a checkpoint or a model is refused with: always one class, always with the name of what is wrong. */
export const refused = (detail: string, cause?: unknown): DownlinkError =>
  new DownlinkError('model-unusable', detail, cause === undefined ? {} : { cause });

/** In whose words something failed: ours, or those of the file system or a parser. */
export function wordsOf(thrown: unknown): string {
  if (thrown instanceof DownlinkError) return thrown.detail;
  const named = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return named && typeof thrown.message === 'string' ? thrown.message : classify(thrown).detail;
}
