import type { Declaration } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';

export const infer: Declaration<Settings> = {
  name: 'infer',
  about: "Scores each sample with its entity's model and checkpoints the state that the model is left in.",
  settings,
  reads: ['samples'],
  writes: { schema: 'scores' },
  checkpoint: 'entity-state',
  knowsFleet: true,
};
