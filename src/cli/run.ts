import { CommanderError } from 'commander';
import { classify, codes } from '../errors.ts';
import type { WorkerMessage } from '../pipeline/supervise.ts';
import { anomalies } from './anomalies.ts';
import { broker } from './broker.ts';
import { commandTree, type VerbGroups } from './command-tree.ts';
import { completion } from './completion.ts';
import { detect } from './detect.ts';
import { dlq } from './dlq.ts';
import { evaluateVerb } from './evaluate.ts';
import { help } from './help.ts';
import { inferenceServer } from './inference-server.ts';
import { init } from './init.ts';
import { inspect } from './inspect.ts';
import { model } from './model.ts';
import { offsets } from './offsets.ts';
import { registry } from './registry.ts';
import { replay } from './replay.ts';
import { runTopologyVerb } from './run-topology.ts';
import { schema } from './schema.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';
import { thresholds } from './thresholds.ts';
import { topics } from './topics.ts';
import { topology } from './topology.ts';
import { up } from './up.ts';
import type { ExitCode, Shell } from './verb.ts';

export const verbs: VerbGroups = {
  'Begin:': [up, init],
  'Describe a pipeline:': [topology, topics, schema, model],
  'Run it:': [runTopologyVerb, replay, broker, registry, inferenceServer],
  'Look at what it does:': [status, tail, anomalies, inspect],
  'Mend it:': [dlq, offsets],
  'Judge what it finds:': [evaluateVerb, thresholds, detect],
  'This command line:': [help, completion],
};

/** One command line, from its arguments to its exit code. Nothing escapes: what is thrown is printed with its code and remedy. */
export async function run(args: readonly string[], shell: Shell): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const program = commandTree(verbs, shell, (code) => (exit = code));
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const error = classify(thrown);
    // Starting it anew would not help.
    if (error.code === 'config-invalid') shell.tell?.({ says: 'failed' } satisfies WorkerMessage);
    shell.err(`downlink: ${error.message}\n${codes[error.code].remedy}\n`);
    return 1;
  }
}
