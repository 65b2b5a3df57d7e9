import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSchemaFiles, schemaFolder } from '../avro/schema-files.ts';
import { recordFiles } from '../avro/typescript.ts';
import { openRegistry } from '../avro/registry.ts';
import { registerSchemas } from '../pipeline/register-schemas.ts';
import { settingsOrProblems } from './load-settings.ts';
import type { Verb } from './verb.ts';

export const schema: Verb = (program, shell, done) => {
  const verb = program
    .command('schema')
    .description('work with the record schemas')
    .addHelpText('after', '\nExample: downlink schema types --out src/records');
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

  verb
    .command('register <file>')
    .description('register the schemas of a topology, or compare them with what is there; every start does the same')
    .addHelpText(
      'after',
      '\nExample: DOWNLINK_REGISTRY=http://127.0.0.1:8081 downlink schema register topologies/smap.yaml',
    )
    .action(async (file: string) => {
      const settings = settingsOrProblems(file, shell);
      if (settings === undefined) return done(1);
      const { topology, environment } = settings;
      if (environment.registry === undefined) {
        shell.err('environment: DOWNLINK_REGISTRY: missing; set it to the address of a schema registry\n');
        return done(1);
      }
      const registered = await registerSchemas(topology, openRegistry(environment.registry));
      for (const { subject, schema, id } of registered) shell.out(`${subject}: ${schema} is schema ${id}\n`);
    });
};
