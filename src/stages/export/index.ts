import type { Definition, Records, SeriesBlock } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';
import { openExport } from './stage.ts';

// `export` is a reserved word.
export const exportScores: Definition<Settings, Records['scores'], SeriesBlock, never> = {
  name: 'export',
  about: 'Writes scores and sensors to VictoriaMetrics.',
  settings,
  reads: ['scores'],
  writes: { sink: 'VictoriaMetrics' },
  knowsFleet: true,
  open: openExport,
};
