import { fork } from 'node:child_process';
import { run } from './cli/run.ts';
import { toldToStop } from './cli/told.ts';

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  terminal: process.stderr.isTTY,
  untilToldToStop: () => toldToStop(process, () => process.exit(1)),
  again: (args) => fork(import.meta.filename, args),
  ...(process.send === undefined ? {} : { tell: (message: object) => process.connected && process.send?.(message) }),
});
// A verb that is done is done: no open socket or timer of a library keeps the process alive. Written output is flushed first.
process.stdout.write('', () => process.exit());
