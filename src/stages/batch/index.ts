import type { Declaration } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';

export const batch: Declaration<Settings> = {
  name: 'batch',
  about: 'Joins and cuts the samples of each entity into micro-batches.',
  settings,
  reads: ['samples'],
  writes: { schema: 'samples' },
};
