import { describe } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { verdictOn } from '../support/describe-with.ts';
import { manifestsIn, root, type Manifest } from './documents.ts';

// What kustomize makes of an overlay. It is part of kubectl, and asks no cluster for it.
const kubectl = (...args: readonly string[]) => spawnSync('kubectl', args, { encoding: 'utf8', timeout: 20_000 });
const isThere = kubectl('version', '--client').status === 0;
const found = isThere ? { what: 'kubectl' } : { missing: 'there is no kubectl on the path' };
const verdict = verdictOn('kubectl', found, process.env['DOWNLINK_REQUIRE'] ?? '');

/** A group of tests that is skipped, and says so, where there is no kubectl. */
export function withKubectl(sentence: string, tests: () => void): void {
  if ('fail' in verdict) throw new Error(`DOWNLINK_REQUIRE names kubectl: ${verdict.fail}`);
  if ('skip' in verdict) describe.skip(`kubectl, skipped: ${verdict.skip}`, () => describe(sentence, tests));
  else describe(sentence, tests);
}

export function kustomized(path: string): { readonly all: readonly Manifest[]; readonly complaints: string } {
  if (!isThere) return { all: [], complaints: '' };
  const { stdout, stderr, status } = kubectl('kustomize', join(root, path));
  return status === 0
    ? { all: manifestsIn(stdout), complaints: stderr }
    : { all: [], complaints: stderr || 'it failed' };
}
