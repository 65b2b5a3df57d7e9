import { join } from 'node:path';

/** Where the shipped topologies and models are, wherever downlink is started. */
export const packageRoot = join(import.meta.dirname, '..', '..');
