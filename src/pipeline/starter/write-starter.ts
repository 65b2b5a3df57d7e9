import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFolder } from '../../avro/schema-files.ts';
import { casesText } from './cases-text.ts';
import { readmeText } from './readme-text.ts';
import { topologyText } from './topology-text.ts';

/** What was written, or why nothing was. */
export type Starter = { readonly files: readonly string[] } | { readonly refused: string };

/** A pipeline to begin with, in a folder that has to be empty: nothing of anybody's is written over. */
export function writeStarter(folder: string): Starter {
  const files = {
    'pipeline.yaml': topologyText,
    'pipeline.cases.yaml': casesText,
    'telemetry.avsc': readFileSync(join(schemaFolder, 'telemetry.avsc'), 'utf8'),
    'README.md': readmeText,
  };
  try {
    mkdirSync(folder, { recursive: true });
    const there = readdirSync(folder);
    if (there.length > 0) return { refused: `${folder} is not empty: it has ${named(there)}` };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { flag: 'wx' });
    return { files: Object.keys(files).map((name) => join(folder, name)) };
  } catch (thrown) {
    const { code, path = folder } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    return { refused: `${path} cannot be written (${code})` };
  }
}

function named(names: readonly string[]): string {
  const [first, second, third, ...more] = [...names].sort();
  const some = [first, second, third].filter((name) => name !== undefined).join(', ');
  return more.length === 0 ? some : `${some} and ${more.length} more`;
}
