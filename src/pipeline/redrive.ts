import { readerOf, writerOf } from '../avro/own-types.ts';
import type { Registry } from '../avro/registry.ts';
import type { Topology } from '../config/topology.ts';
import type { Records } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { offsetOf } from '../kafka/reader/offsets.ts';
import { read } from '../kafka/reader/read.ts';
import type { OutRecord } from '../kafka/records/encode-batch.ts';
import { openTransactionalWriter } from '../kafka/writer/transactional-writer.ts';
import { chosen, readLetters, redrivenHeader, type Letter, type LetterFilter } from './letters.ts';
import { registerSchemas } from './register-schemas.ts';

export interface RedriveOptions {
  readonly topology: Topology;
  readonly fetcher: Fetcher;
  readonly registry: Registry;
  readonly filter: LetterFilter;
}

export interface Redriven {
  /** What is to be put back, or was. */
  readonly letters: readonly Letter[];
  /** Chosen by the filter, but put back before. */
  readonly before: number;
  /** Of the letters those whose entity has newer records behind them in the same partition. */
  readonly overtaken: readonly Letter[];
}

/** What a redrive would do. */
export async function planRedrive({ topology, fetcher, filter }: Omit<RedriveOptions, 'registry'>): Promise<Redriven> {
  const all = chosen(await readLetters(fetcher, topology), filter);
  const letters = all.filter(({ redriven }) => !redriven);
  return { letters, before: all.length - letters.length, overtaken: await overtakenOf(fetcher, letters) };
}

const perTransaction = 500;

/**
 * Puts the original bytes back where they came from, of a block only the refused samples. Each letter at most once, also
 * when two do it at one time or one dies over it: the record and the mark that it was put back are one transaction, and
 * whoever begins shuts out whoever was at it before.
 */
export async function redrive(options: RedriveOptions): Promise<Redriven> {
  const { topology, fetcher } = options;
  const transactionalId = `${topology.prefix}${topology.name}.redrive`;
  const writer = openTransactionalWriter(fetcher.cluster, { transactionalId });
  await writer.fence();
  await nothingIsOpen(options);
  const plan = await planRedrive(options);
  const cut = await openCutter(options, plan.letters);
  for (let at = 0; at < plan.letters.length; at += perTransaction) {
    const some = plan.letters.slice(at, at + perTransaction);
    const records = new Map<string, { topic: string; partition: number; records: OutRecord[] }>();
    const add = (topic: string, partition: number, record: OutRecord): void => {
      const list = records.get(`${topic} ${partition}`) ?? { topic, partition, records: [] };
      records.set(`${topic} ${partition}`, list);
      list.records.push(record);
    };
    for (const letter of some) {
      const { origin, record, timestamp } = letter;
      add(origin.topic, origin.partition, { ...record, value: await cut(letter), timestamp });
      const mark = {
        key: record.key,
        value: null,
        timestamp: Date.now(),
        headers: [[redrivenHeader, letter.id]] as const,
      };
      add(topology.deadLetters.kafkaName, Number(letter.id.split(':')[0]), mark);
    }
    const outcome = await writer.transact({ records: [...records.values()] });
    if (outcome.end !== 'committed') {
      const what = `${at} of ${plan.letters.length} were put back, then: ${outcome.why}; run it again, nothing is put back twice`;
      throw new DownlinkError('kafka-unavailable', what);
    }
  }
  return plan;
}

/** What a predecessor has committed may wait for its markers, and would not be seen as put back. */
async function nothingIsOpen({ fetcher, topology: { deadLetters } }: RedriveOptions): Promise<void> {
  for (let partition = 0; partition < deadLetters.partitions; partition++) {
    const place = { topic: deadLetters.kafkaName, partition };
    const end = await offsetOf(fetcher.cluster, place, 'latest', false);
    while ((await offsetOf(fetcher.cluster, place, 'latest')) < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function overtakenOf(fetcher: Fetcher, letters: readonly Letter[]): Promise<readonly Letter[]> {
  const byPlace = new Map<string, Letter[]>();
  for (const letter of letters) {
    const place = `${letter.origin.topic} ${letter.origin.partition}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), letter]);
  }
  const overtaken: Letter[] = [];
  for (const group of byPlace.values()) {
    const [{ origin }] = group as [Letter];
    const first = await offsetOf(fetcher.cluster, origin, 'earliest');
    const least = group.reduce((min, one) => (one.origin.offset < min ? one.origin.offset : min), origin.offset);
    const newest = new Map<string | null, bigint>();
    const from = least > first ? least : first;
    for await (const record of read(fetcher, origin, { from })) newest.set(record.keyText(), record.offset);
    overtaken.push(...group.filter(({ key, origin: { offset } }) => (newest.get(key) ?? -1n) > offset));
  }
  return overtaken;
}

/** The bytes to put back: as they were or, of a block, a block of the refused samples only. */
async function openCutter({ topology, registry }: RedriveOptions, letters: readonly Letter[]) {
  if (letters.every(({ samples }) => samples === undefined))
    return ({ record }: Letter) => Promise.resolve(record.value);
  const schemas = await registerSchemas(topology, registry);
  const id = schemas.find(({ schema }) => schema === 'telemetry-block')?.id;
  const reader = readerOf(registry, ['telemetry-block']);
  return async ({ record, samples, id: letter }: Letter): Promise<Buffer | null> => {
    if (samples === undefined || record.value === null) return record.value;
    if (id === undefined)
      throw new DownlinkError('config-invalid', `letter ${letter} is of a block, and no topic carries blocks`);
    return writerOf('telemetry-block', id).encode(only(await reader.decode(record.value), samples));
  };
}

export function only(block: Records['telemetry-block'], samples: readonly number[]): Records['telemetry-block'] {
  const width = block.values.length / block.timestamps.length;
  const values = new Float32Array(samples.length * width);
  for (const [at, sample] of samples.entries()) {
    values.set(block.values.subarray(sample * width, (sample + 1) * width), at * width);
  }
  const of = <T>(all: readonly T[]): readonly T[] => samples.flatMap((sample) => all.slice(sample, sample + 1));
  return {
    ...block,
    timestamps: of(block.timestamps),
    indices: block.indices === null ? null : of(block.indices),
    labels: block.labels === null ? null : of(block.labels),
    values,
  };
}
