import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writerOf } from '../../../src/avro/own-types.ts';
import { openRegistry } from '../../../src/avro/registry.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { openIdempotentWriter } from '../../../src/kafka/writer/idempotent-writer.ts';
import { declarations } from '../../../src/pipeline/declarations.ts';
import { registerSchemas } from '../../../src/pipeline/register-schemas.ts';
import { runTopology } from '../../../src/pipeline/run-topology.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { inRecords, levels } from '../../pipeline/anomalies/busy-stretches.ts';
import { beginVerb, type BegunVerb } from '../../support/begin-verb.ts';
import { eventually } from '../../support/eventually.ts';
import { openSmallLog } from '../../support/small-log.ts';
import { createTopics, settingsOf, topologyOf } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

export const rows = 2_400;
/** From here on the level of A-1 is ten times as busy, for 60 rows. */
export const busy = 2_000;

const text = (prefix: string, settings: string): string => `topology: watched
prefix: ${prefix}.
partitions: 2
topics:
  telemetry: { schemas: [telemetry, telemetry-block] }
  samples: { schemas: [samples] }
  scores: { schemas: [scores] }
  anomalies: { schemas: [anomaly] }
  state: { schemas: [detector-state], cleanup: compact }
  dead:
deadLetters: dead
stages:
  ingest: { from: telemetry, to: samples }
  detect: { from: scores, to: anomalies, checkpoints: state, settings: { sensors: [level]${settings} } }
fleet:
  each: { sensors: [bit, level], model: m }
  satellites: { S: { A-1, A-2 } }
`;

/** Scores that a test has made, of two entities in one partition; detect runs when it is told to. */
export interface WatchedSystem {
  readonly file: string;
  downlink(...args: readonly string[]): Promise<{ readonly code: number } & Record<'out' | 'err', readonly string[]>>;
  begin(...args: readonly string[]): BegunVerb;
  /** Of A-1; of A-2 nobody knows anything. */
  sendTelemetry(entity: string, kinds: (row: number) => readonly string[]): Promise<void>;
  sendScores(): Promise<void>;
  /** Until the anomaly of A-1 is closed. */
  detect(): Promise<void>;
  close(): Promise<void>;
}

/** `settings` of detect, beside those that it needs. */
export async function startWatched(bootstrap: string, settings = ''): Promise<WatchedSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'downlink-watched-'));
  const file = join(folder, 'watched.yaml');
  const prefix = topicName('watched');
  writeFileSync(file, text(prefix, settings));
  const topology = topologyOf(text(prefix, settings), declarations);
  await createTopics(topology, bootstrap);
  const [log, registry] = [openSmallLog(bootstrap), await startRegistry({ log: memoryLog() })];
  const schemas = await registerSchemas(topology, openRegistry(registry));
  const idOf = (name: string): number => schemas.find(({ schema }) => schema === name)?.id ?? 0;
  const [scoresWriter, telemetry] = [
    writerOf('scores', idOf('scores')),
    writerOf('telemetry-block', idOf('telemetry-block')),
  ];
  const writer = openIdempotentWriter(log.cluster);
  const all = inRecords(levels(rows, busy), 20).map(({ scores }) => scores);

  const begin: WatchedSystem['begin'] = ([first = '', ...more]) =>
    beginVerb([first, ...more], { DOWNLINK_KAFKA: bootstrap, DOWNLINK_REGISTRY: registry.url }, false);
  const withFile = (args: readonly string[]): readonly string[] => [...args, '--topology', file];
  const downlink: WatchedSystem['downlink'] = async (...args) => {
    const verb = beginVerb(withFile(args), { DOWNLINK_KAFKA: bootstrap, DOWNLINK_REGISTRY: registry.url }, false);
    const code = await verb.ended;
    return { code, out: verb.out(), err: verb.err() };
  };
  return {
    file,
    downlink,
    begin: (...args) => begin(withFile(args) as never),
    sendTelemetry: async (entity, kinds) => {
      const records = all.map(({ indices, timestamps, values, satellite_id }) => {
        const labels = indices.map((row) => [...kinds(row)]);
        const value = telemetry.encode({ satellite_id, entity, timestamps, indices, values, labels });
        return { key: `S/${entity}`, value, timestamp: Date.now() };
      });
      await writer.write([{ topic: `${prefix}.telemetry`, partition: 0, records }]);
    },
    sendScores: async () => {
      const records = all.flatMap((scores) =>
        ['A-1', 'A-2'].map((entity) => {
          const isLoud = (row: number): boolean => entity === 'A-1' && row >= busy && row < busy + 60;
          const score = Float32Array.from(scores.indices, (row) => (isLoud(row) ? 0.5 : 0));
          const values = entity === 'A-1' ? scores.values : new Float32Array(scores.values.length);
          const value = scoresWriter.encode({ ...scores, entity, values, score });
          return { key: `S/${entity}`, value, timestamp: Date.now() };
        }),
      );
      await writer.write([{ topic: `${prefix}.scores`, partition: 1, records }]);
    },
    detect: async () => {
      const failures: unknown[] = [];
      const onFailure = (error: unknown) => failures.push(error);
      const settings = settingsOf(topology, bootstrap, registry.url);
      const stages = topology.stages.filter(({ declaration }) => declaration.name === 'detect');
      const running = await runTopology({
        settings,
        stages,
        definitions: declarations,
        emit: () => undefined,
        onFailure,
      });
      const isClosed = async () => {
        const { out } = await downlink('anomalies', 'ls', '--entity', 'A-1', '--json');
        return out.some((line) => (JSON.parse(line) as { state: string }).state === 'closed');
      };
      await eventually('one is closed', isClosed, 20_000);
      await running?.stop();
      if (failures.length > 0) throw new Error(String(failures[0]));
    },
    close: async () => {
      await Promise.all([log.close(), registry.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}
