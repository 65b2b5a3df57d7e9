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
};
