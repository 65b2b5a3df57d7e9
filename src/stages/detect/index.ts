import type { Definition, Records } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';
import { openDetect } from './stage.ts';

export const detect: Definition<Settings, Records['scores'], Records['anomaly'], Records['detector-state']> = {
  name: 'detect',
  about: 'Watches each entity without labels or thresholds, and tells what is an anomaly, and why.',
  settings,
  reads: ['scores'],
  writes: { schema: 'anomaly' },
  checkpoint: 'detector-state',
  knowsFleet: true,
  open: openDetect,
};
