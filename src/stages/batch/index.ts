import type { Definition, Records } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';
import { openBatch } from './stage.ts';

export const batch: Definition<Settings, Records['samples'], Records['samples'], never> = {
  name: 'batch',
  about: 'Joins and cuts the samples of each entity into micro-batches.',
  settings,
  reads: ['samples'],
  writes: { schema: 'samples' },
  open: openBatch,
};
