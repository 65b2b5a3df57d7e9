import { fork } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { run } from './cli/run.ts';
import { toldToStop } from './cli/told.ts';
import { unread } from './cli/unread.ts';

// Records pass through in buffers outside the heap, and V8 counts those towards its next full collection: with a heap as small
// as ours one came every half second, for a quarter of all CPU of a stage. It may grow to five times what lives before the next.
setFlagsFromString('--heap-growing-percent=400');

const nobodyReads = unread(process.stdout);
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  terminal: process.stderr.isTTY,
  screen: process.stdout.isTTY,
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  untilToldToStop: () => Promise.race([toldToStop(process, () => process.exit(1)), nobodyReads]),
  again: (args, env) => fork(import.meta.filename, args, env && { env: { ...env }, silent: true, detached: true }),
  ...(process.send === undefined ? {} : { tell: (message: object) => process.connected && process.send?.(message) }),
});
// A verb that is done is done: no open socket or timer of a library keeps the process alive. Written output is flushed first.
process.stdout.write('', () => process.exit());
