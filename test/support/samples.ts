import type { Records, SchemaName } from '../../src/contract/index.ts';

const column = (length: number) => Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i)));
const timestamps = [1_700_000_000_000, 1_700_000_030_000, 1_700_000_060_000];

/** One valid record of every schema. */
export const validRecords: { readonly [N in SchemaName]: Records[N] } = {
  telemetry: {
    satellite_id: 'SAT-001',
    entity: 'A-1',
    timestamp: 1_700_000_000_000,
    index: 7,
    values: [...column(25)],
    labels: ['point'],
  },
  'telemetry-block': {
    satellite_id: 'SAT-001',
    entity: 'A-1',
    timestamps,
    indices: [7, 8, 9],
    values: column(75),
    labels: [[], ['point'], []],
  },
  samples: { satellite_id: 'SAT-001', entity: 'A-1', timestamps, indices: null, values: column(75) },
  scores: {
    satellite_id: 'SAT-001',
    entity: 'A-1',
    model: 'smap_fleet',
    model_version: '1',
    weights: 'ab'.repeat(32),
    indices: [7, 8, 9],
    timestamps,
    values: column(75),
    normalised: column(75),
    reconstruction: column(75),
    score: column(3),
    threshold: 0.25,
    detected: [false, true, false],
    warming: [true, false, false],
    gap: [false, false, false],
  },
  'entity-state': {
    satellite_id: 'SAT-001',
    entity: 'A-1',
    model: 'smap_fleet',
    weights: 'ab'.repeat(32),
    state: column(64),
    steps: 12,
    last_index: 11,
    last_timestamp: 1_700_000_060_000,
    seen: Buffer.alloc(32, 3),
    indexed_by_source: true,
    warming_left: 0,
    correlation_id: 'SAT-001/A-1@7.1.1',
    source_offset: 40,
  },
  anomaly: {
    ...{ id: 'SAT-001/A-1:RQDG:7', satellite_id: 'SAT-001', entity: 'A-1', phase: 'opened' },
    ...{ begin_index: 7, begin_time: 1_700_000_000_000, end_index: 9, end_time: 1_700_000_060_000 },
    ...{ rules: ['too-busy'], severity: 1.5, peak_severity: 2, peak_index: 8, peak_time: 1_700_000_030_000 },
    sentence: 'sensor_0 moves per sample 2.6 × the most in the last 2,560 rows',
    sensors: [{ sensor: 'sensor_0', share: 0.9 }],
    ...{ model: 'smap_fleet', model_version: '1', weights: 'ab'.repeat(32) },
    ...{ topic: 'smap-inference-results', partition: 1, first_offset: 40, last_offset: 41 },
    state_before: Buffer.alloc(12, 1),
    told_time: 1_700_000_060_000,
    severities: [{ rule: 'too-busy', severity: 2, time: 1_700_000_030_000 }],
  },
  'detector-state': {
    ...{ satellite_id: 'SAT-001', entity: 'A-1', last_index: 9, state: Buffer.alloc(12, 1) },
    open: {
      ...{ id: 'SAT-001/A-1:RQDG:7', begin_index: 7, begin_time: 1_700_000_000_000, first_offset: 40 },
      ...{ end_index: 9, end_time: 1_700_000_060_000, rules: ['too-busy'], sentence: 'sensor_0 moves' },
      ...{ peak_severity: 2, peak_index: 8, peak_time: 1_700_000_030_000, quiet: 0, untold: 2, news: true },
      ...{ sensors: [{ sensor: 'sensor_0', share: 0.9 }], model: 'm', model_version: '1', weights: 'w' },
      severities: [{ rule: 'too-busy', severity: 2, time: 1_700_000_030_000 }],
    },
  },
};
