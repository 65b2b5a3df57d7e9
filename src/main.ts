import { run } from './cli/run.ts';

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  untilToldToStop: () =>
    new Promise((resolve) => {
      process.once('SIGINT', resolve).once('SIGTERM', resolve);
    }),
});
// A verb that is done is done: no open socket or timer of a library keeps the process alive. Written output is flushed first.
process.stdout.write('', () => process.exit());
