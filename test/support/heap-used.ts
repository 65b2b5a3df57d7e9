import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are still needed: what can be collected is collected before. */
export function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
