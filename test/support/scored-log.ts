import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import type { Topology } from '../../src/config/topology.ts';
import type { Records } from '../../src/contract/index.ts';
import { startRegistry } from '../../src/embedded/registry/server.ts';
import { openIdempotentWriter } from '../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../src/pipeline/register-schemas.ts';
import { memoryLog } from '../embedded/registry/memory-log.ts';
import { beginVerb, type BegunVerb } from './begin-verb.ts';
import { openSmallLog, type SmallLog } from './small-log.ts';
import { createTopics, topologyOf } from './small-topology.ts';

type Scores = Records['scores'];
type Anomaly = Records['anomaly'];

/** A topology that scores, as a file and in Kafka, without anybody who runs it: tests write what stands in its topics. */
export interface ScoredLog {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly topology: Topology;
  readonly log: SmallLog;
  /** A verb of the command line; it is told to stop when this is closed. */
  begin(args: readonly string[], env?: ScoredLog['env'], screen?: boolean): BegunVerb;
  encode(scores: Scores): Buffer;
  /** To `<prefix>.scores`. */
  score(partition: number, ...scores: readonly Scores[]): Promise<void>;
  /** To `<prefix>.anomalies`, where the topology detects. */
  tell(partition: number, ...anomalies: readonly Anomaly[]): Promise<void>;
  close(): Promise<void>;
}

const text = (prefix: string, detects: boolean): string => `topology: looked-at
prefix: ${prefix}.
partitions: 2
topics:
  batches: { schemas: [samples] }
  scores: { schemas: [scores] }
  state: { schemas: [entity-state], cleanup: compact }
${detects ? '  anomalies: { schemas: [anomaly] }\n  watched: { schemas: [detector-state], cleanup: compact }\n' : ''}  dead:
deadLetters: dead
stages:
  infer: { from: batches, to: scores, checkpoints: state }
${detects ? '  detect: { from: scores, to: anomalies, checkpoints: watched, settings: { sensors: [hot] } }\n' : ''}fleet:
  each: { sensors: [hot, cold, still], model: m }
  satellites: { SAT-001: { A-1, A-2 } }
`;

export async function openScoredLog(bootstrap: string, prefix: string, detects = false): Promise<ScoredLog> {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-looked-at-'));
  const file = join(folder, 'looked-at.yaml');
  writeFileSync(file, text(prefix, detects));
  const topology = topologyOf(text(prefix, detects), declarations);
  await createTopics(topology, bootstrap);
  const server = await startRegistry({ log: memoryLog() });
  const schemas = await registerSchemas(topology, openRegistry({ url: server.url }));
  const idOf = (name: string): number => schemas.find(({ schema }) => schema === name)?.id ?? 0;
  const writer = writerOf('scores', idOf('scores'));
  const teller = writerOf('anomaly', idOf('anomaly'));
  const log = openSmallLog(bootstrap);
  const kafka = openIdempotentWriter(log.cluster);
  const env = { DOWNLINK_KAFKA: bootstrap, DOWNLINK_REGISTRY: server.url };
  const begun: BegunVerb[] = [];
  const write = async <T extends Scores | Anomaly>(
    topic: string,
    partition: number,
    values: readonly T[],
    encoder: { encode(value: T): Buffer },
  ): Promise<void> => {
    const records = values.map((one) => ({
      key: `${one.satellite_id}/${one.entity}`,
      value: encoder.encode(one),
      timestamp: Date.now(),
    }));
    await kafka.write([{ topic: `${prefix}.${topic}`, partition, records }]);
  };
  return {
    file,
    env,
    begin: (args, own = env, screen = false) => {
      const verb = beginVerb(args, own, screen);
      begun.push(verb);
      return verb;
    },
    topology,
    log,
    encode: (one) => writer.encode(one),
    score: (partition, ...scores) => write('scores', partition, scores, writer),
    tell: (partition, ...anomalies) => write('anomalies', partition, anomalies, teller),
    close: async () => {
      for (const verb of begun) verb.stop();
      await Promise.all([...begun.map(({ ended }) => ended), log.close(), server.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** One sample for each score; threshold 0.5. The sensors `hot`, `cold`, `still` carry 75 %, 25 % and nothing of its error. */
export function scoresOf(entity: string, first: number, scores: readonly number[]): Scores {
  const each = <T>(of: (score: number, at: number) => T): T[] => scores.map(of);
  return {
    satellite_id: 'SAT-001',
    entity,
    model: 'm',
    model_version: '1',
    weights: 'ab'.repeat(32),
    indices: each((_, at) => first + at),
    timestamps: each((_, at) => 1_767_225_600_000 + (first + at) * 30_000),
    values: Float32Array.from(scores.flatMap(() => [1, 2, 3])),
    normalised: Float32Array.from(scores.flatMap((score) => [Math.sqrt(2.25 * score), Math.sqrt(0.75 * score), 0])),
    reconstruction: new Float32Array(3 * scores.length),
    score: Float32Array.from(scores),
    threshold: 0.5,
    detected: each((score) => score > 0.5),
    warming: each(() => false),
    gap: each(() => false),
  };
}
