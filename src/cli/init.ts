import { writeStarter } from '../pipeline/starter/write-starter.ts';
import type { Verb } from './verb.ts';

/** A project of one's own to begin with. */
export const init: Verb = (program, shell, done) => {
  program
    .command('init <dir>')
    .description('write a small pipeline into an empty folder: topology, cases, record schema, what to do next')
    .addHelpText('after', '\nExample: downlink init my-pipeline')
    .action((folder: string) => {
      const starter = writeStarter(folder);
      if ('refused' in starter) {
        shell.err(`downlink: ${starter.refused}; name a folder that is empty or not there yet\n`);
        return done(1);
      }
      for (const file of starter.files) shell.out(`${file}\n`);
      shell.out(`next: cd ${folder}, and read README.md\n`);
    });
};
