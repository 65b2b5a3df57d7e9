import type { Command } from 'commander';
import { kafkaConfig } from '../kafka/connection.ts';
import { openTopics, type Applied, type DeclaredTopic, type TopicPlan, type Topics } from '../kafka/topics.ts';
import { aligned } from '../pipeline/aligned.ts';
import { declaredTopics } from '../pipeline/declared-topics.ts';
import { kafkaAddressOf } from '../pipeline/kafka-address.ts';
import { settingsOrProblems } from './load-settings.ts';
import type { ExitCode, Shell, Verb } from './verb.ts';

export const topics: Verb = (program, shell, done) => {
  const verb = program
    .command('topics')
    .description('compare the topics of a topology with what Kafka has')
    .addHelpText('after', '\nExample: DOWNLINK_KAFKA=127.0.0.1:9092 downlink topics plan topologies/smap.yaml');

  fileCommand(verb, 'plan', 'show what is missing or different, and who can change it; changes nothing').action(
    async (file: string) => {
      const code = await withTopics(file, shell, async (cluster, declared) => {
        const plan = await cluster.plan(declared);
        shell.out(planTable(plan));
        return plan.every(({ state }) => state === 'same') ? 0 : 1;
      });
      done(code);
    },
  );

  fileCommand(
    verb,
    'apply',
    'create what is missing and change settings that differ; all else is left to a person, and nothing is deleted',
  ).action(async (file: string) => {
    const code = await withTopics(file, shell, async (cluster, declared) => {
      await cluster.apply(await cluster.plan(declared), (applied) => shell.out(`${inWords(applied)}\n`));
      const left = await cluster.plan(declared);
      shell.out(planTable(left));
      return left.every(({ state }) => state === 'same') ? 0 : 1;
    });
    done(code);
  });
};

function fileCommand(verb: Command, name: string, description: string): Command {
  const example = `\nExample: DOWNLINK_KAFKA=127.0.0.1:9092 downlink topics ${name} topologies/smap.yaml`;
  return verb.command(`${name} <file>`).description(description).addHelpText('after', example);
}

type Work = (cluster: Topics, declared: readonly DeclaredTopic[]) => Promise<ExitCode>;

async function withTopics(file: string, shell: Shell, work: Work): Promise<ExitCode> {
  const settings = settingsOrProblems(file, shell);
  if (settings === undefined) return 1;
  const { topology, environment } = settings;
  if (environment.kafka === undefined) {
    shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
    return 1;
  }
  const cluster = await openTopics(kafkaConfig(kafkaAddressOf(environment.kafka)));
  try {
    return await work(cluster, declaredTopics(topology));
  } finally {
    await cluster.close();
  }
}

const inWords = (applied: Applied): string =>
  applied.did === 'created'
    ? `${applied.topic}: created`
    : `${applied.topic}: ${applied.what} changed from ${applied.from} to ${applied.to}`;

/** What is not the same, a line each; then how many topics there are of each kind. */
function planTable(plan: readonly TopicPlan[]): string {
  const rows = plan.flatMap(({ topic, state }) => {
    if (state === 'same') return [];
    if (state === 'missing') return [[topic.name, 'topic', `${topic.partitions} partitions`, 'missing', 'apply']];
    return state.map(({ what, declared, found, by, because }) => [
      topic.name,
      what,
      declared,
      found,
      because === undefined ? by : `${by}: ${because}`,
    ]);
  });
  const table =
    rows.length === 0 ? [] : [...aligned([['topic', 'what', 'declared', 'found', 'to change'], ...rows]), ''];
  const [same, missing] = (['same', 'missing'] as const).map(
    (kind) => plan.filter(({ state }) => state === kind).length,
  );
  const different = plan.length - (same ?? 0) - (missing ?? 0);
  const summary = `${plan.length} topics: ${same ?? 0} the same, ${missing ?? 0} missing, ${different} different`;
  return [...table, summary, ''].join('\n');
}
