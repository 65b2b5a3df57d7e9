import type { Declaration } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';

// `export` is a reserved word.
export const exportScores: Declaration<Settings> = {
  name: 'export',
  about: 'Writes scores and sensors to VictoriaMetrics.',
  settings,
  reads: ['scores'],
  writes: { sink: 'VictoriaMetrics' },
};
