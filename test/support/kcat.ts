import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(homedir(), '.cache', 'downlink', 'kcat');
// What a plain system does not have of what the program is linked with.
const packages = ['kcat', 'librdkafka1', 'libyajl2', 'libserdes1', 'libavro23', 'libjansson4', 'libsnappy1v5'];

export interface Kcat {
  /** What it prints to both ends. */
  (args: readonly string[], input?: string): Promise<{ readonly out: string; readonly told: string }>;
}

/** Debian's kcat with its libraries, unpacked once for all; why there is none, otherwise. At once, as tests are registered by it. */
export function findKcat(): Kcat | { readonly missing: string } {
  try {
    if (!existsSync(folder)) unpack();
    const libraries = readdirSync(join(folder, 'usr', 'lib'))
      .map((name) => join(folder, 'usr', 'lib', name))
      .join(':');
    const env = { ...process.env, LD_LIBRARY_PATH: libraries };
    const kcat: Kcat = async (args, input = '') => {
      const running = run(join(folder, 'usr', 'bin', 'kcat'), args, { env, timeout: 30_000, maxBuffer: 2 ** 26 });
      running.child.stdin?.end(input);
      const { stdout, stderr } = await running;
      return { out: stdout, told: stderr };
    };
    execFileSync(join(folder, 'usr', 'bin', 'kcat'), ['-V'], { env, timeout: 10_000, stdio: 'ignore' });
    return kcat;
  } catch (error) {
    return { missing: `no kcat by apt-get download: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function unpack(): void {
  const temporary = mkdtempSync(join(tmpdir(), 'downlink-kcat-'));
  try {
    // apt-get fetches as another user where it can, who has to be let in.
    chmodSync(temporary, 0o755);
    for (const name of packages)
      // Not every release has each of them by this name; if one is missing that is needed, the program says so.
      spawnSync('apt-get', ['download', name], { cwd: temporary, timeout: 60_000, stdio: 'ignore' });
    const files = readdirSync(temporary).filter((name) => name.endsWith('.deb'));
    if (!files.some((name) => name.startsWith('kcat_'))) throw new Error('there is no such package');
    for (const name of files) execFileSync('dpkg', ['-x', name, 'unpacked'], { cwd: temporary, timeout: 60_000 });
    mkdirSync(dirname(folder), { recursive: true });
    // Not renamed from there: it may be another file system.
    const made = `${folder}.${process.pid}`;
    execFileSync('cp', ['-r', join(temporary, 'unpacked'), made]);
    renameSync(made, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
