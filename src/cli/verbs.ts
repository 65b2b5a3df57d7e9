import type { VerbGroups } from './command-tree.ts';
import type { Verb } from './verb.ts';

/** Under headings that say what one does with them. Each is loaded when it is needed: all of them take a second. */
const loaders: Readonly<Record<string, Readonly<Record<string, () => Promise<Verb>>>>> = {
  'Begin:': {
    up: async () => (await import('./up.ts')).up,
    init: async () => (await import('./init.ts')).init,
  },
  'Describe a pipeline:': {
    topology: async () => (await import('./topology.ts')).topology,
    topics: async () => (await import('./topics.ts')).topics,
    schema: async () => (await import('./schema.ts')).schema,
    model: async () => (await import('./model.ts')).model,
  },
  'Run it:': {
    run: async () => (await import('./run-topology.ts')).runTopologyVerb,
    api: async () => (await import('./api.ts')).api,
    replay: async () => (await import('./replay.ts')).replay,
    simulate: async () => (await import('./simulate.ts')).simulate,
    broker: async () => (await import('./broker.ts')).broker,
    registry: async () => (await import('./registry.ts')).registry,
    'inference-server': async () => (await import('./inference-server.ts')).inferenceServer,
  },
  'Look at what it does:': {
    status: async () => (await import('./status.ts')).status,
    tail: async () => (await import('./tail.ts')).tail,
    anomalies: async () => (await import('./anomalies.ts')).anomalies,
    inspect: async () => (await import('./inspect.ts')).inspect,
    jobs: async () => (await import('./jobs.ts')).jobs,
  },
  'Mend it:': {
    dlq: async () => (await import('./dlq.ts')).dlq,
    offsets: async () => (await import('./offsets.ts')).offsets,
  },
  'Judge what it finds:': {
    evaluate: async () => (await import('./evaluate.ts')).evaluateVerb,
    thresholds: async () => (await import('./thresholds.ts')).thresholds,
    detect: async () => (await import('./detect.ts')).detect,
  },
  'This command line:': {
    help: async () => (await import('./help.ts')).help,
    completion: async () => (await import('./completion.ts')).completion,
  },
};

const ofAll = new Set(['help', 'completion']);

/** What a command line needs: the verb that it begins with or, where there is none of that name or it is about them, all. */
export async function verbsFor(args: readonly string[]): Promise<VerbGroups> {
  const [name = ''] = args;
  const isOne = !ofAll.has(name) && Object.values(loaders).some((group) => Object.hasOwn(group, name));
  const groups: Record<string, readonly Verb[]> = {};
  for (const [heading, group] of Object.entries(loaders)) {
    const wanted = Object.entries(group).filter(([verb]) => !isOne || verb === name);
    if (wanted.length > 0) groups[heading] = await Promise.all(wanted.map(([, load]) => load()));
  }
  return groups;
}
