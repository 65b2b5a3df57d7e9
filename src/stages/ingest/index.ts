import type { Definition, Records } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';
import { openIngest } from './stage.ts';

export const ingest: Definition<
  Settings,
  Records['telemetry'] | Records['telemetry-block'],
  Records['samples'],
  never
> = {
  name: 'ingest',
  about: 'Checks telemetry and hands it on in columns, each entity to its fixed partition.',
  settings,
  reads: ['telemetry', 'telemetry-block'],
  writes: { schema: 'samples' },
  rekeys: true,
  knowsFleet: true,
  open: openIngest,
};
