import type { Declaration, ValueOf } from '../contract/index.ts';
import { choice, decimal, group, integer, list, table, text } from '../contract/settings.ts';

const topicName = {
  matches: '[a-zA-Z0-9._-]{1,200}',
  says: 'letters, digits, dots, underscores and hyphens, at most 200',
};
const word = {
  matches: '[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}',
  says: 'letters, digits, dots, underscores and hyphens, at most 64',
};

const topic = (schemas: readonly string[]) =>
  group(
    {
      about: text({ about: 'What the topic is for.', optional: true }),
      schemas: list(choice(schemas, { about: 'A file in schemas/, without its ending.' }), {
        about: 'The record schemas that the topic carries; none means bytes as they are.',
        fallback: [],
      }),
      partitions: integer({ about: "Other than the topology's.", min: 1, max: 10_000, optional: true }),
      replication: integer({
        about: "Copies of each partition; left out, the broker's default.",
        min: 1,
        max: 9,
        optional: true,
      }),
      minInsyncReplicas: integer({
        about: 'Copies that must be written before a write counts.',
        min: 1,
        max: 9,
        optional: true,
      }),
      cleanup: choice(['delete', 'compact'], { about: 'Whether old records go by age or by key.', fallback: 'delete' }),
      retentionMs: integer({ about: 'How long records are kept; -1 for ever.', min: -1, optional: true }),
      retentionBytes: integer({ about: 'How many bytes of a partition are kept; -1 all.', min: -1, optional: true }),
      segmentMs: integer({
        about: 'After this long a segment is closed, so that it can be cleaned.',
        min: 1,
        optional: true,
      }),
      segmentBytes: integer({
        about: 'At this size a segment is closed.',
        min: 1_048_576,
        max: 2_147_483_647,
        optional: true,
      }),
      deleteRetentionMs: integer({ about: 'How long a tombstone is kept.', min: 0, optional: true }),
      minCleanableDirtyRatio: decimal({
        about: 'The share of uncleaned log at which compaction begins.',
        min: 0,
        max: 1,
        optional: true,
      }),
      messageTimestampType: choice(['CreateTime', 'LogAppendTime'], {
        about: "Whether a record's time is when it was made, or when the broker took it.",
        optional: true,
      }),
      maxMessageBytes: integer({ about: 'The largest record batch.', min: 1024, max: 2_147_483_647, optional: true }),
    },
    { about: 'One topic.' },
  );

const entityFields = {
  sensors: list(
    text({
      about: 'A sensor, or a range like sensor_0..sensor_24.',
      pattern: {
        matches: '[a-zA-Z_][a-zA-Z0-9_]*(\\.\\.[a-zA-Z_][a-zA-Z0-9_]*)?',
        says: 'a name like sensor_0 or a range like sensor_0..sensor_24',
      },
    }),
    { about: 'The sensors of the entity, in the order of the values.', min: 1, optional: true },
  ),
  model: text({ about: 'The model in the model repository that scores it.', pattern: word, optional: true }),
  threshold: decimal({
    about: "The score above which a sample is detected, instead of the model's own.",
    min: 0,
    optional: true,
  }),
};
const entity = group(entityFields, { about: 'One entity; left empty it has what `each` says.' });

const fleet = group(
  {
    each: group(entityFields, { about: 'What every entity has, unless it says otherwise.', fallback: {} }),
    satellites: table(table(entity, { about: 'The entities of one satellite.', keys: word, min: 1 }), {
      about: 'The satellites, and under each its entities.',
      keys: word,
      min: 1,
    }),
  },
  { about: 'What is watched: satellites, their entities, the sensors and the model of each.', optional: true },
);

const delivery = group(
  {
    commitIntervalMs: integer({
      about:
        'While records flow, results become visible this often: less is sooner, more is cheaper. A lone record is committed at once.',
      min: 1,
      max: 10_000,
      fallback: 100,
    }),
    maxWaitMs: integer({
      about: 'How long a stage waits for more records after the first of a batch.',
      min: 0,
      max: 10_000,
      fallback: 1,
    }),
    maxRecords: integer({ about: 'The most records of a batch.', min: 1, max: 100_000, fallback: 4_000 }),
  },
  { about: 'How records are gathered and results committed, in every stage.', fallback: {} },
);

const topicOf = (about: string) => text({ about });

function stage(declaration: Declaration) {
  const { about, settings, writes, checkpoint } = declaration;
  return group(
    {
      from: topicOf('The topic that it reads.'),
      ...('sink' in writes ? {} : { to: topicOf('The topic that it writes.') }),
      ...(checkpoint === undefined ? {} : { checkpoints: topicOf('The compacted topic that keeps its state.') }),
      settings,
    },
    { about, optional: true },
  );
}

/** The whole language of a topology file, given the stages and record schemas that there are. */
export function topologyShape(declarations: readonly Declaration[], schemas: readonly string[]) {
  const stages = Object.fromEntries(declarations.map((declaration) => [declaration.name, stage(declaration)]));
  return group(
    {
      topology: text({ about: 'Its name; consumer groups are called <prefix><topology>.<stage>.', pattern: word }),
      about: text({ about: 'What it is for.', optional: true }),
      prefix: text({
        about: 'Stands before the name of every topic, group and transactional id, so that one Kafka can hold several.',
        pattern: {
          matches: '[a-zA-Z0-9._-]{0,40}',
          says: 'letters, digits, dots, underscores and hyphens, at most 40',
        },
        fallback: '',
      }),
      partitions: integer({ about: 'Of every topic that does not say otherwise.', min: 1, max: 10_000, fallback: 4 }),
      delivery,
      topics: table(topic(schemas), { about: 'The topics, by name.', keys: topicName, min: 1 }),
      deadLetters: topicOf('The topic for what was rejected, byte for byte.'),
      stages: group(stages, { about: 'The stages that run, in any order: the topics join them.' }),
      fleet,
    },
    { about: 'One pipeline: topics, stages between them, and what is watched.' },
  );
}

export type DeliverySettings = ValueOf<typeof delivery>;
export type TopicSettings = ValueOf<ReturnType<typeof topic>>;
export type EntitySettings = ValueOf<typeof entity>;
export type FleetSettings = ValueOf<typeof fleet>;
export interface StageSettings {
  readonly from: string;
  readonly to?: string;
  readonly checkpoints?: string;
  readonly settings: unknown;
}
