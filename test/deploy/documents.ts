import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const root = join(import.meta.dirname, '..', '..');

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** YAML with Compose's merge keys, as whoever asks says that it is. The files are ours: as many aliases as we like. */
export const yamlOf = (path: string): unknown => parse(textOf(path), { merge: true, maxAliasCount: -1 });

export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** The objects of Kubernetes in a text. */
export const manifestsIn = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((one) => one !== null);

export const manifestsOf = (path: string): readonly Manifest[] => manifestsIn(textOf(path));

export const ofKind = (kind: string, all: readonly Manifest[]): readonly Manifest[] =>
  all.filter((one) => one.kind === kind);

/** A tag that says which version it is; `latest`, `main` or none says that of nobody knows what. */
export const pinned = /^[a-z0-9./-]+:v?\d+\.\d+[\w.-]*$/;
