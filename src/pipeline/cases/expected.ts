import { didYouMean } from '../../config/closest.ts';
import type { Topic, Topology } from '../../config/topology.ts';
import type { Written } from '../../config/written.ts';
import type { SchemaName } from '../../contract/index.ts';
import { codes, type Code } from '../../errors.ts';
import { readHex, readRecord } from './record.ts';
import { runnable, topicNamed, writtenWith } from './roles.ts';
import { entityOf, keyOf } from './sending.ts';

/** All that a topic holds in the end: the records of each key in their order. */
export interface ExpectedRecords {
  readonly topic: Topic;
  readonly schema: SchemaName | undefined;
  readonly records: readonly ExpectedRecord[];
}

/** What is not named may be anything. */
export interface ExpectedRecord {
  readonly key: string;
  readonly partition?: number;
  readonly timestamp?: number;
  /** Of a value the fields that are named; null of a record without one. */
  readonly value?: Readonly<Record<string, unknown>> | null;
  readonly bytes?: Buffer;
}

export interface ExpectedLetter {
  readonly code: Code;
  /** Each of them is contained in what the letter says. */
  readonly detail: readonly string[];
  readonly stage?: string;
  readonly key?: string | null;
  /** The places of the refused samples; null where the whole record was refused. */
  readonly samples?: readonly number[] | null;
}

export function readExpectedRecords(written: Written, name: string, topology: Topology): ExpectedRecords | undefined {
  const topic = topicNamed(written, name, topology);
  const found = topic && writtenWith(written, topic, topology);
  if (topic === undefined || found === undefined) return undefined;
  const records = written.items().flatMap((one) => readExpectedRecord(one, found.schema, topic, topology) ?? []);
  return { topic, schema: found.schema, records };
}

function readExpectedRecord(
  written: Written,
  schema: SchemaName | undefined,
  topic: Topic,
  topology: Topology,
): ExpectedRecord | undefined {
  const given = written.fields(['key', 'partition', 'timestamp', 'value', 'bytes']);
  const key = keyOf(given.key, given.value);
  if (key === null) written.wrong('key is missing', 'write `key:`, or satellite_id and entity in the value');
  if (typeof key !== 'string') return undefined;
  const [partition, timestamp] = [given.partition?.integer(0, topic.partitions - 1), given.timestamp?.time()];
  const bytes = given.bytes && readHex(given.bytes);
  const value = given.value && readExpectedValue(given.value, schema, entityOf(key, topology));
  return {
    key,
    ...(partition === undefined ? {} : { partition }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(value === undefined ? {} : { value }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

function readExpectedValue(
  written: Written,
  schema: SchemaName | undefined,
  entity: ReturnType<typeof entityOf>,
): Readonly<Record<string, unknown>> | null | undefined {
  if (written.kind === 'nothing') return null;
  if (schema === undefined) return written.wrong('the topic carries bytes', 'write `bytes: 00ff` in place of `value`');
  return readRecord(written, { schema, ...entity, partial: true });
}

export function readExpectedLetter(written: Written, topology: Topology): ExpectedLetter | undefined {
  const given = written.fields(['code', 'detail', 'stage', 'key', 'samples']);
  if (given.code === undefined) return written.wrong('code is missing', 'write `code:` and why it is refused');
  const named = given.code.text();
  if (named === undefined) return undefined;
  const refusals = (Object.keys(codes) as Code[]).filter((one) => codes[one].verdict === 'reject');
  const code = refusals.find((one) => one === named);
  if (code === undefined) return given.code.wrong(`no record is refused as \`${named}\``, didYouMean(named, refusals));
  const { detail, samples } = given;
  const details = detail === undefined ? [] : detail.kind === 'list' ? detail.items() : [detail];
  const stage = given.stage?.text();
  const stages = runnable(topology).map(({ declaration }) => declaration.name);
  if (stage !== undefined && !stages.includes(stage))
    return given.stage?.wrong(`no stage \`${stage}\` runs in a case`, didYouMean(stage, stages));
  const key = given.key && keyOf(given.key, undefined);
  const places = samples?.kind === 'nothing' ? null : samples?.items().flatMap((one) => one.integer(0) ?? []);
  return {
    code,
    detail: details.flatMap((one) => one.text() ?? []),
    ...(stage === undefined ? {} : { stage }),
    ...(key === undefined ? {} : { key }),
    ...(places === undefined ? {} : { samples: places }),
  };
}
