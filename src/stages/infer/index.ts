import type { Definition, Records } from '../../contract/index.ts';
import { settings, type Settings } from './settings.ts';
import { openInfer } from './stage.ts';

export const infer: Definition<Settings, Records['samples'], Records['scores'], Records['entity-state']> = {
  name: 'infer',
  about: "Scores each sample with its entity's model and checkpoints the state that the model is left in.",
  settings,
  reads: ['samples'],
  writes: { schema: 'scores' },
  checkpoint: 'entity-state',
  knowsFleet: true,
  needs: ['inference'],
  open: openInfer,
};
