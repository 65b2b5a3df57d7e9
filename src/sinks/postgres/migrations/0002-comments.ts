type Comments = Readonly<Record<string, readonly [table: string, columns: Readonly<Record<string, string>>]>>;

const model = {
  model: "The model's name in the model repository.",
  model_version: 'The version that answered.',
};
const ofEntity = {
  satellite_id: "The satellite, as the topology's fleet names it.",
  entity: 'The part of the satellite that the model watches.',
  weights: "SHA-256 of the entity's weights: what makes two scores comparable.",
};

const comments: Comments = {
  downlink_migrations: ['What was done to this database, in order.', { version: 'Rising by one.' }],
  positions: [
    'How far each consumer group has written what it read from Kafka, in the same transaction as the rows.',
    {
      group_name: 'The consumer group.',
      topic: 'The topic that it reads.',
      partition: 'A partition of it.',
      next_offset: 'The first offset that is not written; it never goes back.',
      written_at: 'When that was written.',
    },
  ],
  job_ids: [
    'Each job once, and at which times its rows lie in jobs and inference_results.',
    { id: 'Of the job.', submitted_at: 'Of its row in jobs.', completed_at: 'Of its row in inference_results.' },
  ],
  jobs: [
    'What clients have submitted.',
    {
      id: 'Given by the API.',
      owner: 'The name of the API key that it was submitted with; empty where there are no keys.',
      model: 'The model that is to answer.',
      data: 'The series, oldest first.',
      forecast_steps: 'How many steps are asked for; null for models that do not forecast.',
      submitted_at: 'When the API took it.',
      retry_of: 'The job that this one does again.',
      cancelled_at: 'When the client took it back; the result says whether that was in time.',
    },
  ],
  inference_results: [
    'What became of each job.',
    {
      ...model,
      id: 'Of the job.',
      owner: 'As in the job.',
      status: 'completed, failed or cancelled.',
      detail: 'Why it failed.',
      predictions: "A forecast's medians, a reconstruction's series, else the model's numbers.",
      lower: 'Of a forecast the lower quantile of each step.',
      upper: 'Of a forecast the upper quantile of each step.',
      scores: 'Of a reconstruction the score of each point.',
      anomaly_score: 'Of a reconstruction the largest score.',
      anomaly_detected: "Whether that is above the model's threshold.",
      submitted_at: 'As in the job.',
      completed_at: "The time of the result's record in Kafka.",
      inference_ms: 'How long the inference server took, its queue included.',
      queue_ms: 'The rest of the time: in Kafka, and waiting for others to go together with.',
      total_ms: 'From submitted_at to completed_at.',
      batch_size: 'How many jobs were asked together; 0 where none was.',
    },
  ],
  scores: [
    'The score of each sample.',
    {
      ...model,
      ...ofEntity,
      sample_index: 'The number of the sample within its entity.',
      measured_at: 'When it was measured.',
      score: 'Mean over the sensors of the squared error.',
      threshold: 'The score above which a sample counts as detected.',
      detected: 'Whether it does; never while warming.',
      warming: 'Whether the model still lacked the history that its score needs.',
      gap: 'Whether samples are missing before it.',
    },
  ],
  anomalies: [
    'Each anomaly as it was last told of.',
    {
      ...model,
      ...ofEntity,
      id: 'Entity, rules that watch, and first index.',
      phase: 'opened, updated or closed.',
      begin_index: 'The first sample in which a rule alarmed.',
      begin_time: 'When that was measured.',
      end_index: 'The last sample so far in which a rule alarmed.',
      end_time: 'When that was measured.',
      rules: 'The rules that alarmed.',
      severity: 'When it was last told of; 1 is where an alarm begins.',
      peak_severity: 'The largest.',
      peak_index: 'The sample in which it was.',
      peak_time: 'When that was measured.',
      sentence: 'What the rule says that was the most severe.',
      sensors: "The sensors by their share of the model's error at the peak, the largest first.",
      shares: 'Those shares, 0 to 1.',
      source_topic: 'Where the scores lie of which it was made.',
      source_partition: 'The partition of that topic.',
      first_offset: 'The record with the first sample.',
      last_offset: 'The record with the last sample that it was judged by.',
    },
  ],
  dead_letters: [
    'What was rejected, byte for byte, with the reason.',
    {
      topic: 'The topic of the letter itself.',
      partition: 'Its partition.',
      record_offset: 'Its offset.',
      recorded_at: 'The time of the record that was rejected.',
      code: 'Why, as in the table of the README.',
      phase: 'decode: before the stage saw it; process: by the stage.',
      stage: 'Who rejected it.',
      origin_topic: 'Where the record lies that was rejected.',
      origin_partition: 'The partition of that topic.',
      origin_offset: 'Its offset there.',
      samples: 'Of a block the places of the samples that were rejected; null: all.',
      detail: 'The reason in words.',
      key: 'Of the record.',
      value: 'The bytes of the record; null where it had none.',
    },
  ],
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** For whoever looks at the tables with psql. */
export const commented = Object.entries(comments)
  .flatMap(([table, [about, columns]]) => [
    `comment on table ${table} is ${literal(about)};`,
    ...Object.entries(columns).map(([column, said]) => `comment on column ${table}.${column} is ${literal(said)};`),
  ])
  .join('\n');
