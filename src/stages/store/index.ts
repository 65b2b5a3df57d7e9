export { storeAnomalies } from './anomalies.ts';
export { storeJobs } from './jobs.ts';
export { storeLetters } from './letters.ts';
export { storeResults } from './results.ts';
export { storeScores } from './scores.ts';
