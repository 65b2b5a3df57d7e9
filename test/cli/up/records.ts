import type { Records } from '../../../src/contract/index.ts';

/** A record of scores of one entity: as many samples as there are scores. */
export function scores(
  given: Partial<Pick<Records['scores'], 'entity' | 'threshold' | 'warming'>> & {
    readonly score: readonly number[];
    readonly timestamp?: number;
  },
): Records['scores'] {
  const { score, timestamp = 0, threshold = 0.3, entity = 'A-1' } = given;
  const satellites: Readonly<Record<string, string>> = { A: 'SAT-001', D: 'SAT-002', E: 'SAT-002' };
  const none = new Float32Array(score.length);
  return {
    satellite_id: satellites[entity[0] ?? ''] ?? 'SAT-003',
    entity,
    model: 'smap_fleet',
    model_version: '1',
    weights: '',
    indices: score.map((_, at) => at),
    timestamps: score.map(() => timestamp),
    values: none,
    normalised: none,
    reconstruction: none,
    score: Float32Array.from(score),
    threshold,
    detected: score.map((one) => one > threshold),
    warming: given.warming ?? score.map(() => false),
    gap: score.map(() => false),
  };
}

export function anomaly(given: Partial<Records['anomaly']>): Records['anomaly'] {
  const time = Date.UTC(2026, 10, 22, 12);
  return {
    id: 'SAT-001/A-1:RQDG:7',
    satellite_id: 'SAT-001',
    entity: 'A-1',
    phase: 'opened',
    begin_index: 7,
    begin_time: time,
    end_index: 7,
    end_time: time,
    rules: ['too-busy'],
    severity: 2,
    peak_severity: 3,
    peak_index: 7,
    peak_time: time,
    sentence: 'sensor_0 moves',
    sensors: [{ sensor: 'sensor_0', share: 0.5 }],
    model: 'smap_fleet',
    model_version: '1',
    weights: '',
    topic: 'smap-inference-results',
    partition: 0,
    first_offset: 0,
    last_offset: 0,
    state_before: null,
    told_time: null,
    severities: [],
    ...given,
  };
}
