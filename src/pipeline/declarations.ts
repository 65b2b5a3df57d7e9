import type { Declaration } from '../contract/index.ts';
import { batch } from '../stages/batch/index.ts';
import { detect } from '../stages/detect/index.ts';
import { exportScores } from '../stages/export/index.ts';
import { infer } from '../stages/infer/index.ts';
import { ingest } from '../stages/ingest/index.ts';
import { predict } from '../stages/predict/index.ts';
import { report } from '../stages/report/index.ts';
import { storeAnomalies, storeJobs, storeLetters, storeResults, storeScores } from '../stages/store/index.ts';

/** Every stage that a topology file may name, in the order of the path. */
export const declarations = [
  ...[ingest, batch, infer, exportScores, detect, report, predict],
  ...[storeJobs, storeResults, storeScores, storeAnomalies, storeLetters],
] as readonly Declaration[];
