import { readerOf } from '../../src/avro/own-types.ts';
import { openRegistry } from '../../src/avro/registry.ts';
import type { Topology } from '../../src/config/topology.ts';
import type { Outcome, Records } from '../../src/contract/index.ts';
import type { Fetcher } from '../../src/kafka/reader/fetcher.ts';
import { read } from '../../src/kafka/reader/read.ts';
import { detectIn } from '../../src/pipeline/train-detector.ts';
import { openDetect } from '../../src/stages/detect/stage.ts';
import { noPorts } from './no-ports.ts';

type Anomaly = Records['anomaly'];
type State = Records['detector-state'];

/** What an anomaly says, but for where the records lie, which depends on how they were cut. */
export type Said = Omit<Anomaly, 'topic' | 'partition' | 'first_offset' | 'last_offset' | 'state_before'>;

const places = ['topic', 'partition', 'first_offset', 'last_offset', 'state_before'];

const said = (anomaly: Anomaly): Said =>
  Object.fromEntries(Object.entries(anomaly).filter(([name]) => !places.includes(name))) as unknown as Said;

const byEntity = (all: readonly Anomaly[]): ReadonlyMap<string, readonly Said[]> => {
  const entities = new Map<string, Said[]>();
  for (const one of all) {
    const key = `${one.satellite_id}/${one.entity}`;
    entities.set(key, [...(entities.get(key) ?? []), said(one)]);
  }
  return new Map([...entities].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** What detect knew before, from its checkpoints. */
export async function detectorStates(topology: Topology, registry: string, fetcher: Fetcher) {
  const { checkpoints, from } = detectIn(topology);
  const reader = readerOf(openRegistry({ url: registry, credentials: undefined }), ['detector-state']);
  const states = new Map<string, State>();
  for (let partition = 0; partition < from.partitions; partition++)
    for await (const record of read(fetcher, { topic: checkpoints?.kafkaName ?? '', partition }))
      if (record.value !== null) states.set(record.keyText() ?? '', await reader.decode(record.value));
  return states;
}

/** All that was told, of each entity in the order of the topic. */
export async function toldAnomalies(topology: Topology, registry: string, fetcher: Fetcher) {
  const { to, from } = detectIn(topology);
  const reader = readerOf(openRegistry({ url: registry, credentials: undefined }), ['anomaly']);
  const found: Anomaly[] = [];
  for (let partition = 0; partition < from.partitions; partition++)
    for await (const { value } of read(fetcher, { topic: 'kafkaName' in to ? to.kafkaName : '', partition }))
      if (value !== null) found.push(await reader.decode(value));
  return byEntity(found);
}

/** What one lane would tell of these scores that never dies. */
export async function undisturbedAnomalies(
  topology: Topology,
  scores: readonly Records['scores'][],
  restored: ReadonlyMap<string, State>,
) {
  const { settings, from } = detectIn(topology);
  const fleet = new Map(topology.entities.map((one) => [`${one.satellite}/${one.name}`, one]));
  const lane = { settings, partitions: 1, partition: 0, opening: 'o', source: from.kafkaName, fleet, ports: noPorts };
  const detect = openDetect({ ...lane, restored });
  const found: Anomaly[] = [];
  for (const [offset, value] of scores.entries()) {
    const records = [{ key: null, value, offset: BigInt(offset), timestamp: 0 }];
    const done = await detect.process({ records, behind: 0n }, new AbortController().signal);
    found.push(...(done as Outcome<Anomaly, never>).send.map((one) => one.value));
  }
  return byEntity(found);
}
