import { Command, CommanderError } from 'commander';
import { classify, codes } from '../errors.ts';
import { anomalies } from './anomalies.ts';
import { broker } from './broker.ts';
import { detect } from './detect.ts';
import { dlq } from './dlq.ts';
import { evaluateVerb } from './evaluate.ts';
import { inferenceServer } from './inference-server.ts';
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
import type { ExitCode, Shell, Verb } from './verb.ts';

const verbs: readonly Verb[] = [
  topology,
  topics,
  schema,
  broker,
  registry,
  inferenceServer,
  runTopologyVerb,
  replay,
  status,
  tail,
  anomalies,
  inspect,
  dlq,
  detect,
  evaluateVerb,
  thresholds,
  offsets,
  model,
];

const epilogue = `
Exit codes: 0 done, 1 the answer is no or something failed, 2 the command line is wrong.`;

/** One command line, from its arguments to its exit code. Nothing escapes: what is thrown is printed with its code and remedy. */
export async function run(args: readonly string[], shell: Shell): Promise<ExitCode> {
  let exit: ExitCode = 0;
  const program = new Command('downlink')
    .description('Scores satellite telemetry for anomalies while it flows through Kafka.')
    .addHelpText('after', epilogue)
    .exitOverride()
    .configureOutput({ writeOut: shell.out, writeErr: shell.err })
    .showHelpAfterError('(downlink --help shows what there is)');
  for (const verb of verbs) verb(program, shell, (code) => (exit = code));
  inherit(program);
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
    shell.err(`downlink: ${error.message}\n${codes[error.code].remedy}\n`);
    return 1;
  }
}

/** commander hands output and exit settings only to commands that are made by `.command()` after they were set. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}
