import type { Records, Row } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { storing } from './storing.ts';

type Scores = Records['scores'];

export const storeScores = storing<Scores>({
  name: 'store-scores',
  about: 'Writes to PostgreSQL the score of each sample.',
  reads: ['scores'],
  tables: ['scores'],
  rowsOf: ({ value }) => scoreRows(value),
});

const columns = ['timestamps', 'score', 'detected', 'warming', 'gap'] as const;

function scoreRows(scores: Scores): readonly Row[] {
  const { satellite_id, entity, model, model_version, weights, threshold, indices } = scores;
  for (const column of columns) {
    const { length } = scores[column];
    if (length === indices.length) continue;
    const detail = `${satellite_id}/${entity}: ${length} of ${column} are not those of ${indices.length} samples`;
    throw new DownlinkError('telemetry-invalid', detail);
  }
  return indices.map((sample_index, at) => ({
    table: 'scores',
    columns: {
      ...{ satellite_id, entity, model, model_version, weights, threshold, sample_index },
      measured_at: scores.timestamps[at] ?? NaN,
      score: scores.score[at] ?? NaN,
      detected: scores.detected[at] === true,
      warming: scores.warming[at] === true,
      gap: scores.gap[at] === true,
    },
  }));
}
