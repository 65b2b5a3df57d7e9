import type { Definition, Records, SeriesBlock } from '../../contract/index.ts';
import { group } from '../../contract/settings.ts';
import { openReport } from './stage.ts';

export const report: Definition<unknown, Records['anomaly'], SeriesBlock, never> = {
  name: 'report',
  about: 'Writes to VictoriaMetrics which anomalies are open, and how severe.',
  settings: group({}, { about: 'Nothing: all that is told of anomalies is written.', fallback: {} }),
  reads: ['anomaly'],
  writes: { sink: 'VictoriaMetrics' },
  open: openReport,
};
