import { crc32c } from '@node-rs/crc32';
import { layout } from './batch-layout.ts';

/** Of a whole batch: over everything behind where it stands. */
export const checksumOf = (batch: Uint8Array): number => crc32c(batch.subarray(layout.attributes));
