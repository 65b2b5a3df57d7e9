// Makes a clone runnable: installs and builds what is missing or out of date, and says so in one line each.
// Plain JavaScript on Node's own modules, because it runs before anything is installed. In a published package there is
// no source, hence nothing to do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = dirname(import.meta.dirname);
const at = (...names) => join(root, ...names);

function hash(files) {
  const sum = createHash('sha256');
  for (const file of files)
    sum
      .update(file)
      .update('\0')
      .update(readFileSync(at(file)))
      .update('\0');
  return sum.digest('hex');
}

const stampIn = (file) => (existsSync(at(file)) ? readFileSync(at(file), 'utf8') : '');

function sources() {
  const files = readdirSync(at('src'), { recursive: true, withFileTypes: true });
  return files.filter((f) => f.isFile()).map((f) => join(f.parentPath ?? f.path, f.name).slice(root.length + 1));
}

function step(what, command, args) {
  process.stderr.write(`downlink: ${what}\n`);
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status === 0) return;
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? `${done.error.message}\n` : ''}`);
  process.stderr.write(`downlink: that failed: ${command} ${args.join(' ')}\n`);
  process.exit(1);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`downlink: Node ${process.versions.node} is too old, 20.19 or newer is needed\n`);
  process.exit(1);
}

function install() {
  const stamp = 'node_modules/.downlink-installed';
  const wanted = `${hash(['package-lock.json'])} ${process.platform} ${process.arch}`;
  if (stampIn(stamp) === wanted) return;
  step('installing packages (npm ci, about a minute)', 'npm', ['ci', '--include=dev', '--no-progress']);
  writeFileSync(at(stamp), wanted);
}

/** What builds left that were ended halfway. */
function sweep() {
  for (const name of readdirSync(root)) {
    const [, pid] = /^\.dist-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(at(name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown.code === 'EPERM';
  }
}

function build() {
  const stamp = 'dist/.built-from';
  const wanted = hash([...sources().sort(), 'tsconfig.json', '.config/tsconfig.build.json', 'package-lock.json']);
  if (stampIn(stamp) === wanted) return;
  // Built beside the old one and renamed, so that a downlink that is running meanwhile never sees half of it.
  sweep();
  const fresh = `.dist-${process.pid}`;
  const tsc = ['node_modules/typescript/bin/tsc', '-p', '.config/tsconfig.build.json', '--outDir', fresh];
  step('building', process.execPath, tsc);
  writeFileSync(at(fresh, '.built-from'), wanted);
  rmSync(at('dist'), { recursive: true, force: true });
  renameSync(at(fresh), at('dist'));
}

export function prepare() {
  refuseOldNode();
  if (!existsSync(at('src'))) return;
  install();
  build();
}
