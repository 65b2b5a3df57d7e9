import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Definition, Incoming, Records, Row } from '../../../src/contract/index.ts';
import type { PostgresAddress } from '../../../src/sinks/postgres/pool.ts';
import { openPostgres, type PostgresSink } from '../../../src/sinks/postgres/sink.ts';
import { storeAnomalies, storeJobs, storeLetters, storeResults, storeScores } from '../../../src/stages/store/index.ts';
import type { Settings } from '../../../src/stages/store/settings.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { validRecords } from '../../support/samples.ts';
import { made, someRecord } from '../../support/stored-rows.ts';

const never = new AbortController().signal;
const noon = Date.UTC(2026, 0, 15, 12);
const { job, scores, anomaly } = validRecords;
const cancel = validRecords['job-cancel'];
const result = validRecords['job-result'];

describeWith('postgresProgram', 'rows in a real PostgreSQL', ({ folder }) => {
  const events = declaredEvents();
  const sinks = new Map<string, PostgresSink>();
  let postgres: Postgres;
  let address: PostgresAddress;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres(folder);
  }, 60_000);
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    address = await postgres.database(`rows-${databases++}`);
  });
  afterEach(async () => {
    await Promise.all([...sinks.values()].map((sink) => sink.close()));
    sinks.clear();
  });

  /** What the stage makes of the records, as if they lay before this position of a partition. */
  const store = async <I>(
    definition: Definition<Settings, I, Row, never>,
    records: readonly Incoming<I>[],
    next: bigint,
    partition = 0,
  ): Promise<void> => {
    const { name: stage, writes } = definition;
    const keeping = { retentionDays: 0, partitionBy: 'day' } as const;
    const filled = 'tables' in writes ? (writes.tables ?? []) : [];
    const sink =
      sinks.get(stage) ?? openPostgres({ address, stage, tables: filled, keeping, emit: events.emit, now: () => noon });
    sinks.set(stage, sink);
    await sink.write(made(definition, records).send, never, { group: stage, topic: 't', partition, next });
  };
  const query = <R extends object>(sql: string): Promise<readonly R[]> => postgres.query<R>(address, sql);
  const count = async (table: string): Promise<number> =>
    (await query<{ count: number }>(`select count(*)::integer as count from ${table}`))[0]?.count ?? NaN;

  test('a job, its cancel and its result stand there as they came', async () => {
    const at = noon - 1000;
    await store(storeJobs, [someRecord({ ...job, submitted_at: at, retry_of: 'j-0' })], 1n);
    await store(storeJobs, [someRecord({ ...cancel, cancelled_at: at + 5 })], 2n);
    await store(storeResults, [someRecord({ ...result, submitted_at: at }, { timestamp: at + 40 })], 1n);
    expect(await query('select * from jobs')).toEqual([
      {
        ...{
          id: 'j-1',
          owner: 'console',
          model: 'lstm_timeseries',
          data: job.data,
          forecast_steps: 5,
          retry_of: 'j-0',
        },
        ...{ submitted_at: new Date(at), cancelled_at: new Date(at + 5) },
      },
    ]);
    const times = { submitted_at: new Date(at), completed_at: new Date(at + 40), total_ms: 40, queue_ms: 38.5 };
    expect(await query('select * from inference_results')).toEqual([{ ...result, ...times }]);
  });

  test('a job that two took has one row and one result, whenever and in whichever partition they came', async () => {
    const later = 26 * 3_600_000;
    const submitted = (ms: number) => someRecord({ ...job, submitted_at: noon - later + ms });
    const completed = (ms: number, status: 'completed' | 'failed') =>
      someRecord({ ...result, status, submitted_at: noon - later }, { timestamp: noon - later + ms });
    await store(storeJobs, [submitted(0), submitted(1)], 2n);
    await store(storeJobs, [submitted(later)], 1n, 1);
    await store(storeResults, [completed(10, 'completed')], 1n);
    await store(storeResults, [completed(later, 'failed')], 1n, 1);
    expect(await query('select id, submitted_at from jobs')).toEqual([
      { id: 'j-1', submitted_at: new Date(noon - later) },
    ]);
    expect(await query('select id, status from inference_results')).toEqual([{ id: 'j-1', status: 'completed' }]);
  });

  test('many that are written at once by two, in any order, are there once', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `job-${i}`);
    const records = ids.map((id) => someRecord({ ...result, id }, { timestamp: noon }));
    await Promise.all([
      store(storeResults, records, 500n, 0),
      store(storeResults, records.toReversed(), 500n, 1),
      store(storeResults, records.toReversed(), 500n, 2),
    ]);
    expect(await count('inference_results')).toBe(500);
    expect(await count('job_ids')).toBe(500);
  });

  test('only its owner takes a job back, and what stands behind the job in one batch counts', async () => {
    const other = { ...job, id: 'j-2' };
    await store(storeJobs, [someRecord(job)], 1n);
    await store(
      storeJobs,
      [
        someRecord({ ...cancel, owner: 'somebody' }),
        someRecord(other),
        someRecord({ ...cancel, id: 'j-2', cancelled_at: 7 }),
        someRecord({ ...cancel, id: 'j-3' }),
      ],
      5n,
    );
    expect(await query('select id, cancelled_at from jobs order by id')).toEqual([
      { id: 'j-1', cancelled_at: null },
      { id: 'j-2', cancelled_at: new Date(7) },
    ]);
  });

  test('scores stand there once; scored anew by other weights they are the new ones', async () => {
    await store(storeScores, [someRecord(scores)], 3n);
    await store(storeScores, [someRecord(scores)], 4n);
    expect(await count('scores')).toBe(3);
    const anew = { ...scores, weights: 'other', score: Float32Array.of(1, NaN, Infinity) };
    await store(storeScores, [someRecord(scores), someRecord(anew)], 6n);
    const found = await query(
      'select sample_index, measured_at, score, detected, weights from scores order by sample_index',
    );
    expect(found).toEqual(
      [1, NaN, Infinity].map((score, at) => ({
        ...{ sample_index: String(7 + at), measured_at: new Date(scores.timestamps[at] ?? 0), score },
        ...{ detected: at === 1, weights: 'other' },
      })),
    );
  });

  test('a score is the float32 that it was', async () => {
    const score = Float32Array.of(0.1, 1.401298464324817e-45, 3.4028234663852886e38);
    await store(storeScores, [someRecord({ ...scores, score })], 1n);
    const found = await query<{ score: number }>('select score from scores order by sample_index');
    expect(found.map((row) => Math.fround(row.score))).toEqual([...score]);
  });

  test('of an anomaly the later phase wins, whatever is written again', async () => {
    const phase = (name: Records['anomaly']['phase'], last_offset: number, severity: number) =>
      someRecord({ ...anomaly, phase: name, last_offset, severity });
    const [opened, updated, closed] = [phase('opened', 41, 1), phase('updated', 50, 3), phase('closed', 60, 0)];
    await store(storeAnomalies, [opened, updated], 2n);
    await store(storeAnomalies, [opened], 3n);
    expect(await query('select phase, severity from anomalies')).toEqual([{ phase: 'updated', severity: 3 }]);
    await store(storeAnomalies, [closed], 4n);
    await store(storeAnomalies, [updated], 5n);
    expect(await query('select phase, sensors, shares, rules from anomalies')).toEqual([
      { phase: 'closed', sensors: ['sensor_0'], shares: [0.9], rules: ['too-busy'] },
    ]);
  });

  test('a letter stands there with its bytes, and whatever texts and times there are do no harm', async () => {
    const odd = 'a\0b "quoted" \\ {1,2} \u{1F680}';
    const bytes = Buffer.from([0, 1, 0x5c, 0xff]);
    const header = (): string => odd;
    const letters = [-8e15, 8.7e15, -1, noon].map((timestamp, at) =>
      someRecord<Buffer | null>(at === 0 ? null : bytes, { offset: BigInt(at), timestamp, header, key: odd }),
    );
    await store(storeLetters, letters, 4n);
    await store(storeLetters, letters, 5n);
    const said = odd.replace('\0', '\uFFFD');
    const found = await query<Record<string, unknown>>('select * from dead_letters order by record_offset');
    expect(found.map(({ value, code, detail, key }) => [value, code, detail, key])).toEqual(
      [null, bytes, bytes, bytes].map((value) => [value, said, said, said]),
    );
    expect(found.map(({ recorded_at }) => (recorded_at as Date).toISOString())).toEqual([
      '0001-01-01T00:00:00.000Z',
      '9999-12-31T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      '2026-01-15T12:00:00.000Z',
    ]);
  });

  test('odd texts in lists and odd numbers come back as they were', async () => {
    const rules = ['', 'null', 'a,b', '"', '\\', '{}', ' '];
    const sensors = rules.map((sensor) => ({ sensor, share: 0.5 }));
    await store(storeAnomalies, [someRecord({ ...anomaly, rules, sensors })], 1n);
    expect(await query('select rules, sensors from anomalies')).toEqual([{ rules, sensors: rules }]);
    const predictions = [NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE, 0.1];
    await store(storeResults, [someRecord({ ...result, predictions, detail: 'x\0y' }, { timestamp: noon })], 1n);
    const [found] = await query<{ predictions: number[]; detail: string }>(
      'select predictions, detail from inference_results',
    );
    expect(found).toEqual({
      predictions: [NaN, Infinity, -Infinity, 0, 5e-324, Number.MAX_VALUE, 0.1],
      detail: 'x\uFFFDy',
    });
  });

  test('what is written already is passed over, which is said once; what is partly written is written once', async () => {
    const some = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => someRecord({ ...result, id: `r-${from + i}` }, { timestamp: noon }));
    await store(storeResults, some(0, 10), 10n);
    events.declare('sink-warning');
    await store(storeResults, some(0, 5), 5n);
    await store(storeResults, some(5, 10), 10n);
    expect(events.of('sink-warning').map(({ what }) => what)).toEqual([
      't/0 is written up to 10: what comes before that, now up to 5, is passed over; ' +
        'if the topic was made anew, delete its rows from positions',
    ]);
    await store(storeResults, some(5, 15), 15n);
    expect(await count('inference_results')).toBe(15);
    const where = { group_name: 'store-results', topic: 't', partition: 0 };
    expect(await query('select group_name, topic, partition, next_offset from positions')).toEqual([
      { ...where, next_offset: '15' },
    ]);
    await postgres.query(address, 'update positions set next_offset = 0');
    await store(storeResults, some(0, 15), 15n);
    expect(await count('inference_results')).toBe(15);
  });

  test('every table and column says what it is', async () => {
    await store(storeJobs, [someRecord(job)], 1n);
    const silent = await query(
      `select relname as table_name, attname as column_name from pg_attribute join pg_class on pg_class.oid = attrelid
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0
         and col_description(attrelid, attnum) is null
       order by attnum`,
    );
    expect(silent).toEqual([
      { table_name: 'downlink_migrations', column_name: 'name' },
      { table_name: 'downlink_migrations', column_name: 'applied_at' },
    ]);
  });
});
