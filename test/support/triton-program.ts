import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { withFolderLock } from './folder-lock.ts';

const run = promisify(execFile);

/** What PyPI has: the unmodified server with the Python backend only. */
const wheel = 'nvidia-pytriton==0.7.0';
const numpy = 'numpy==1.26.4';
/** The server in that wheel. */
export const tritonVersion = '2.51.0';

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'downlink');

/** The folder of the virtual environment, filled once for all; fails where it cannot be had or would not run. */
export async function tritonProgram(): Promise<string> {
  const folder = join(cache, `triton-${tritonVersion}`);
  const marker = join(folder, '.complete');
  if (existsSync(marker)) return folder;
  mkdirSync(cache, { recursive: true });
  await withFolderLock(join(cache, 'triton-lock'), 600_000, async () => {
    if (existsSync(marker)) return;
    rmSync(folder, { recursive: true, force: true });
    await command('python3', ['-m', 'venv', folder]);
    // Its dependencies are those of a Python interface that is not used here, five times its size.
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--no-deps', '--only-binary', ':all:'];
    await command(join(folder, 'bin', 'python'), [...pip, wheel, numpy]);
    const { root, stub, libraries } = await layout(folder);
    const inPlace = join(root, 'backends', 'python', basename(stub));
    copyFileSync(stub, inPlace);
    const { stdout } = await run('ldd', [inPlace], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
    const lacking = [...stdout.matchAll(/(\S+) => not found/g)].map(([, name]) => name);
    if (lacking.length > 0) throw new Error(`${lacking.join(', ')} cannot be found`);
    writeFileSync(marker, '');
  });
  return folder;
}

async function command(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: 300_000, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      code,
      message,
    } = error as Error & Partial<Record<'stdout' | 'stderr' | 'code', string>>;
    if (code === 'ENOENT') throw new Error(`there is no ${program}`, { cause: error });
    const words = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    const why = words.find((line) => line.startsWith('ERROR: ')) ?? words[0] ?? message;
    throw new Error(`${basename(program)} ${args[1]} failed: ${why}`, { cause: error });
  }
}

/** Where things are in that folder. */
export async function layout(
  folder: string,
): Promise<{ readonly root: string; readonly stub: string; readonly libraries: string }> {
  const asked = `import sysconfig as s; print(s.get_path("purelib"), s.get_config_var("LIBDIR"), s.get_python_version())`;
  const answer = await command(join(folder, 'bin', 'python'), ['-c', asked]);
  const [packages = '', libraries = '', version = ''] = answer.trim().split(' ');
  const root = join(packages, 'pytriton', 'tritonserver');
  const stub = join(root, 'python_backend_stubs', version, 'triton_python_backend_stub');
  if (!existsSync(stub)) throw new Error(`${wheel} has nothing for Python ${version}`);
  return { root, stub, libraries };
}
