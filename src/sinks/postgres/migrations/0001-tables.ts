/** Rows of jobs lie in partitions by time, which cannot say that an id is there once; `job_ids` says it, and where. */
export const tables = `
create table positions (
  group_name text not null,
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  written_at timestamptz not null default now(),
  primary key (group_name, topic, partition)
);

create table job_ids (
  id text primary key,
  submitted_at timestamptz,
  completed_at timestamptz
);
create index job_ids_submitted_at on job_ids (submitted_at);
create index job_ids_completed_at on job_ids (completed_at);

create table jobs (
  id text not null,
  owner text not null,
  model text not null,
  data double precision[] not null,
  forecast_steps integer,
  submitted_at timestamptz not null,
  retry_of text,
  cancelled_at timestamptz,
  primary key (id, submitted_at)
) partition by range (submitted_at);
create index jobs_newest on jobs (submitted_at desc, id desc);
create index jobs_of_owner on jobs (owner, submitted_at desc);
create table jobs_default partition of jobs default;

create table inference_results (
  id text not null,
  owner text not null,
  model text not null,
  model_version text,
  status text not null,
  detail text,
  predictions double precision[] not null,
  lower double precision[] not null,
  upper double precision[] not null,
  scores double precision[] not null,
  anomaly_score double precision,
  anomaly_detected boolean,
  submitted_at timestamptz not null,
  completed_at timestamptz not null,
  inference_ms double precision not null,
  queue_ms double precision not null,
  total_ms double precision not null,
  batch_size integer not null,
  primary key (id, completed_at)
) partition by range (completed_at);
create index inference_results_newest on inference_results (completed_at desc, id desc);
create index inference_results_of_owner on inference_results (owner, completed_at desc, id desc);
create table inference_results_default partition of inference_results default;

create table scores (
  satellite_id text not null,
  entity text not null,
  sample_index bigint not null,
  measured_at timestamptz not null,
  score real not null,
  threshold double precision not null,
  detected boolean not null,
  warming boolean not null,
  gap boolean not null,
  model text not null,
  model_version text not null,
  weights text not null,
  primary key (satellite_id, entity, sample_index, measured_at)
) partition by range (measured_at);
create index scores_by_time on scores (satellite_id, entity, measured_at);
create table scores_default partition of scores default;

create table anomalies (
  id text primary key,
  satellite_id text not null,
  entity text not null,
  phase text not null,
  begin_index bigint not null,
  begin_time timestamptz not null,
  end_index bigint not null,
  end_time timestamptz not null,
  rules text[] not null,
  severity double precision not null,
  peak_severity double precision not null,
  peak_index bigint not null,
  peak_time timestamptz not null,
  sentence text not null,
  sensors text[] not null,
  shares double precision[] not null,
  model text not null,
  model_version text not null,
  weights text not null,
  source_topic text not null,
  source_partition integer not null,
  first_offset bigint not null,
  last_offset bigint not null
);
create index anomalies_by_time on anomalies (end_time);
create index anomalies_of_entity on anomalies (satellite_id, entity, begin_time desc);

create table dead_letters (
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  recorded_at timestamptz not null,
  code text,
  phase text,
  stage text,
  origin_topic text,
  origin_partition integer,
  origin_offset bigint,
  samples text,
  detail text,
  key text,
  value bytea,
  primary key (topic, partition, record_offset, recorded_at)
) partition by range (recorded_at);
create index dead_letters_by_code on dead_letters (code, recorded_at desc);
create table dead_letters_default partition of dead_letters default;
`;
