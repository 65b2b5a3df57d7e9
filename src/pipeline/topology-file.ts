import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readSchemaFiles, schemaFolder } from '../avro/schema-files.ts';
import { jsonSchemaOf } from '../config/json-schema.ts';
import { readTopology, type TopologyResult } from '../config/topology.ts';
import { topologyShape } from '../config/topology-shape.ts';
import { declarations } from './declarations.ts';

const schemaNames = () => [...readSchemaFiles(schemaFolder).keys()].map((file) => basename(file, '.avsc'));

/** A topology file under the stages and schemas that downlink has. */
export function loadTopology(file: string): TopologyResult {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const what = `cannot be read (${(thrown as NodeJS.ErrnoException).code ?? String(thrown)})`;
    return { problems: [{ file, line: 1, column: 1, path: '', what, remedy: 'name a topology file that is there' }] };
  }
  return topologyFrom(file, text);
}

export const topologyFrom = (file: string, text: string): TopologyResult =>
  readTopology(file, text, declarations, schemaNames());

/** What editors complete and check topology files with. */
export const topologyJsonSchema = (): unknown => jsonSchemaOf(topologyShape(declarations, schemaNames()));
