import type { Declaration } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';

export const ingest: Declaration<Settings> = {
  name: 'ingest',
  about: 'Checks telemetry and hands it on in columns, each entity to its fixed partition.',
  settings,
  reads: ['telemetry', 'telemetry-block'],
  writes: { schema: 'samples' },
  rekeys: true,
  knowsFleet: true,
};
