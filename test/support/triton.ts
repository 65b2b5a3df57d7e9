import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openChannel } from '../../src/kserve/client.ts';
import { answers } from './apicurio.ts';
import { withFolderLock } from './folder-lock.ts';
import { freePorts } from './free-port.ts';

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

async function layout(
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

// When our end of its stdin closes, however we died, the server is killed and what it had is removed. It has a process group
// of its own, with the processes of its models in it, which do not always end by themselves.
const guard = `
folder=$1; shared=$2; shift 2
exec 3<&0
setsid "$@" >>"$folder/log" 2>&1 3<&- & server=$!
( read -r _ <&3; trap '' TERM; kill -s KILL -- -$server; sleep 1; rm -rf "$folder" "$shared"* ) >/dev/null 2>&1 & watch=$!
echo $server
wait $server; code=$?
kill -s KILL -- -$server 2>/dev/null
rm -f "$shared"*
kill $watch
exit $code
`;

export interface Triton {
  /** host:port */
  readonly grpc: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** On the same port as before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A tritonserver on loopback with the models `acc`, `acc_small` and `summing`. */
export async function startTriton(folder: string): Promise<Triton> {
  const { root, libraries } = await layout(folder);
  const own = mkdtempSync(join(tmpdir(), 'downlink-triton-'));
  const repository = join(own, 'models');
  for (const [name, files] of Object.entries(models)) writeModel(join(repository, name), files);
  const [grpc = 0, http = 0, metrics = 0] = await freePorts(3);
  const sharedMemory = basename(own);
  const ports = Object.entries({ grpc, http, metrics });
  const args = [
    `--model-repository=${repository}`,
    `--backend-directory=${join(root, 'backends')}`,
    `--backend-config=python,shm-region-prefix-name=${sharedMemory}`,
    // All interfaces are its default.
    ...ports.flatMap(([name, port]) => [`--${name}-address=127.0.0.1`, `--${name}-port=${port}`]),
  ];
  const env = {
    ...process.env,
    // The models' interpreter takes the first python3 on its way for itself, and so finds the environment's numpy.
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    LD_LIBRARY_PATH: libraries,
  };
  let running: { readonly end: () => void; readonly exited: Promise<unknown> } | undefined;

  const start = async (): Promise<void> => {
    const shell = spawn(
      'sh',
      ['-c', guard, 'sh', own, join('/dev/shm', sharedMemory), join(root, 'bin', 'tritonserver'), ...args],
      { env, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    // A pipe that breaks because the shell has ended is no news.
    shell.stdin.on('error', () => undefined);
    const exited = once(shell, 'exit');
    const [line] = (await once(createInterface(shell.stdout), 'line')) as [string];
    const end = (): void => {
      if (shell.exitCode === null) process.kill(Number(line), 'SIGKILL');
    };
    running = { end, exited };
    const deadline = Date.now() + 60_000;
    while (!(await answers(`http://127.0.0.1:${http}/v2/health/ready`))) {
      if (shell.exitCode !== null || Date.now() > deadline) {
        const lastWords = readFileSync(join(own, 'log'), 'utf8').trim().split('\n').slice(-5).join('\n');
        await stop();
        throw new Error(`tritonserver ${tritonVersion} did not start: ${lastWords}`);
      }
      await delay(50);
    }
  };
  const kill = async (): Promise<void> => {
    if (running === undefined) return;
    const { end, exited } = running;
    running = undefined;
    end();
    await exited;
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(own, { recursive: true, force: true });
  };
  await start();
  return { grpc: `127.0.0.1:${grpc}`, kill, start, stop };
}

/** Why a server does not do for these tests; undefined where it does. */
export async function unfit(grpc: string): Promise<string | undefined> {
  const channel = openChannel({ address: grpc });
  try {
    const asked = Object.keys(models).map(async (name) => {
      const { ready } = await channel.call('ModelReady', { name }, 5_000);
      return ready === true ? [] : [name];
    });
    const lacking = (await Promise.all(asked)).flat();
    return lacking.length === 0 ? undefined : `it has no ${lacking.join(', ')} (test/support/triton.ts)`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    channel.close();
  }
}

interface ModelFiles {
  readonly config: string;
  readonly python: string;
}

function writeModel(folder: string, { config, python }: ModelFiles): void {
  mkdirSync(join(folder, '1'), { recursive: true });
  writeFileSync(join(folder, 'config.pbtxt'), config);
  writeFileSync(join(folder, '1', 'model.py'), python);
}

interface Form {
  readonly input: string;
  readonly width: number;
  /** Name and dims, one for each result of the Python expression `outputs`. */
  readonly outputs: readonly (readonly [name: string, dims: string, expression: string])[];
  readonly slots: number;
  readonly idleMicroseconds: number;
}

/** Begins with `h_init` and adds up all that it sees. */
const accumulator = ({ input, width, outputs, slots, idleMicroseconds }: Form): ModelFiles => ({
  config: `backend: "python"
max_batch_size: 8
input [
  { name: "${input}" data_type: TYPE_FP32 dims: [ -1, ${width} ] },
  { name: "h_init" data_type: TYPE_FP32 dims: [ ${width} ] }
]
output [
  ${outputs.map(([name, dims]) => `{ name: "${name}" data_type: TYPE_FP32 dims: [ ${dims} ] },`).join('\n  ')}
  { name: "h_out" data_type: TYPE_FP32 dims: [ ${width} ] },
  { name: "n_out" data_type: TYPE_INT64 dims: [ 1 ] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
sequence_batching {
  max_sequence_idle_microseconds: ${idleMicroseconds}
  oldest { max_candidate_sequences: ${slots} }
  control_input [
    { name: "START" control [ { kind: CONTROL_SEQUENCE_START fp32_false_true: [ 0, 1 ] } ] },
    { name: "END" control [ { kind: CONTROL_SEQUENCE_END fp32_false_true: [ 0, 1 ] } ] },
    { name: "READY" control [ { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } ] }
  ]
}
`,
  python: `import numpy as np
import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args):
        self.states = {}

    def execute(self, requests):
        return [self.step(request) for request in requests]

    def step(self, request):
        def value(name):
            return pb.get_input_tensor_by_name(request, name).as_numpy()

        def told(name):
            return value(name).item() == 1

        if not told("READY"):
            return pb.InferenceResponse(error=pb.TritonError("not READY"))
        sequence = request.correlation_id()
        values = value("${input}")
        h, n = (value("h_init"), 0) if told("START") else self.states[sequence]
        sums = h[:, None, :] + np.cumsum(values, axis=1, dtype=np.float32)
        h, n = sums[:, -1, :], n + values.shape[1]
        self.states[sequence] = (h, n)
        if told("END"):
            del self.states[sequence]
        return pb.InferenceResponse([
            ${outputs.map(([name, , expression]) => `pb.Tensor("${name}", ${expression}),`).join('\n            ')}
            pb.Tensor("h_out", h),
            pb.Tensor("n_out", np.array([[n]], dtype=np.int64)),
        ])
`,
});

const acc: Form = {
  input: 'x',
  width: 2,
  outputs: [['y', '-1, 2', 'sums']],
  slots: 64,
  idleMicroseconds: 60_000_000,
};

/** `acc` and `acc_small` compute what the models of that name in transcripts.json do. */
const models: Readonly<Record<string, ModelFiles>> = {
  acc: accumulator(acc),
  acc_small: accumulator({ ...acc, slots: 2, idleMicroseconds: 1_000_000 }),
  summing: accumulator({
    ...acc,
    input: 'values',
    width: 1,
    outputs: [
      ['reconstruction', '-1, 1', 'values'],
      ['score', '-1', 'sums[:, :, 0]'],
    ],
  }),
};
