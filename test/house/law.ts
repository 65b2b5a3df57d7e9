import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** Which room may import which: a room imports from lower levels only. Type imports count. */
export const levels: readonly (readonly string[])[] = [
  ['main'],
  ['cli'],
  ['api', 'pipeline', 'replay', 'evaluation', 'models', 'dashboards'],
  ['runner', 'embedded', 'config', 'inference', 'sinks', 'stages'],
  ['avro', 'kafka', 'kserve'],
  ['telemetry', 'contract'],
  ['errors'],
];

/** Rooms that may import less than their level. */
const only: Readonly<Record<string, readonly string[]>> = { stages: ['contract', 'errors'], web: [] };

/** Rooms that are several: their parts do not know each other. */
const divided = ['stages', 'embedded'];

/** A package that belongs to one room. */
export const owners: Readonly<Record<string, string>> = {
  kafkajs: 'kafka',
  '@node-rs/crc32': 'kafka',
  snappy: 'kafka',
  'lz4-napi': 'kafka',
  avsc: 'avro',
  '@kafkajs/confluent-schema-registry': 'avro',
  '@grpc/grpc-js': 'kserve',
  'onnxruntime-node': 'embedded',
  protobufjs: 'kserve',
  '@grafana/grafana-foundation-sdk': 'dashboards',
  pg: 'sinks',
  'prom-client': 'telemetry',
  '@opentelemetry/api': 'telemetry',
  '@opentelemetry/exporter-trace-otlp-http': 'telemetry',
  '@opentelemetry/resources': 'telemetry',
  '@opentelemetry/sdk-trace-base': 'telemetry',
};

const banned = ['utils', 'helpers', 'common', 'services'];
const barrels = /^(contract|stages\/[^/]+)\/index\.ts$/;
const maxLines = 250;

/** Every breach of the law in a tree of sources, each with the file that commits it. */
export function breaches(src: string): readonly string[] {
  const files = sourcesIn(src);
  const imports = new Map(files.map((file) => [file, importsOf(src, file)]));
  return [
    ...files.flatMap((file) => [...ofFile(src, file), ...ofImports(file, imports.get(file) ?? [])]),
    ...cycles(imports),
  ];
}

function sourcesIn(src: string): readonly string[] {
  if (!existsSync(src)) return [];
  const entries = readdirSync(src, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(src, join(entry.parentPath, entry.name)))
    .sort();
}

const roomOf = (file: string): string => (file.split('/')[0] ?? '').replace(/\.ts$/, '');
const partOf = (file: string): string => file.split('/').slice(0, 2).join('/');

type Import = { readonly file: string } | { readonly package: string };

function importsOf(src: string, file: string): readonly Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(src, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }): Import => {
    if (fileName.startsWith('.')) return { file: relative(src, join(src, dirname(file), fileName)) };
    return {
      package: fileName
        .split('/')
        .slice(0, fileName.startsWith('@') ? 2 : 1)
        .join('/'),
    };
  });
}

function* ofFile(src: string, file: string): Iterable<string> {
  const text = readFileSync(join(src, file), 'utf8');
  const lines = text.split('\n').length - 1;
  const generated = text.startsWith('// Generated from ');
  if (lines > maxLines && !generated) yield `${file}: ${lines} lines, more than ${maxLines}`;
  if (file.endsWith('index.ts') && !barrels.test(file)) yield `${file}: a barrel file`;
  const name = file
    .replace(/\.ts$/, '')
    .split('/')
    .find((part) => banned.includes(part));
  if (name !== undefined) yield `${file}: a room or file called ${name}`;
  // kafkajs' producer loses acknowledged records when a broker dies; kafka/writer writes.
  if (/\.producer\(/.test(text)) yield `${file}: calls kafkajs' producer`;
  if (/\bprocess\.exit\(/.test(text) && file !== 'main.ts') yield `${file}: ends the process, which only main.ts does`;
}

function* ofImports(file: string, imports: readonly Import[]): Iterable<string> {
  const room = roomOf(file);
  const level = levels.findIndex((rooms) => rooms.includes(room));
  if (level < 0 && room !== 'web') yield `${file}: no room of the design is called ${room}`;
  for (const imported of imports) {
    if ('package' in imported) {
      const owner = owners[imported.package];
      if (owner !== undefined && owner !== room) yield `${file}: ${imported.package} belongs to ${owner}`;
      continue;
    }
    const target = roomOf(imported.file);
    const inside = divided.includes(room) ? partOf(file) === partOf(imported.file) : room === target;
    if (inside) continue;
    const allowed = only[room]?.includes(target) ?? levels.findIndex((rooms) => rooms.includes(target)) > level;
    if (!allowed) yield `${file}: ${room} may not import ${imported.file}`;
  }
}

function cycles(imports: ReadonlyMap<string, readonly Import[]>): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' > ')}`);
    if (done.has(file) || path.includes(file)) return;
    for (const imported of imports.get(file) ?? []) if ('file' in imported) visit(imported.file, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
