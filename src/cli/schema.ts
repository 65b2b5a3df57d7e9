import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSchemaFiles, schemaFolder } from '../avro/schema-files.ts';
import { recordFiles } from '../avro/typescript.ts';
import type { Verb } from './verb.ts';

export const schema: Verb = (program, shell) => {
  const verb = program.command('schema').description('work with the record schemas');
  verb
    .command('types')
    .description('write TypeScript types for record schemas')
    .requiredOption('--out <dir>', 'the folder to write them to')
    .option('--schemas <dir>', 'the folder with .avsc files', schemaFolder)
    .addHelpText('after', '\nExample: downlink schema types --out src/records')
    .action(({ out, schemas }: { out: string; schemas: string }) => {
      mkdirSync(out, { recursive: true });
      const files = recordFiles(readSchemaFiles(schemas));
      for (const [name, text] of files) writeFileSync(join(out, name), text);
      shell.out(`${files.size} files written to ${out}\n`);
    });
};
