import type { Definition, Records } from '../../contract/index.ts';
import { instancesOf, isFull, settings, takes, type Settings } from './settings.ts';
import { openPredict } from './stage.ts';

export const predict: Definition<Settings, Records['job'] | Records['job-cancel'], Records['job-result'], never> = {
  name: 'predict',
  about: 'Answers jobs: joins those of one model, asks it, and says what became of each.',
  settings,
  reads: ['job', 'job-cancel'],
  writes: { schema: 'job-result' },
  needs: ['inference'],
  asks: (own) => Object.keys(own.models).filter((model) => takes(own, model)),
  instances: instancesOf,
  gather: (own) => ({ maxWaitMs: own.maxWaitMs, isFull: (keys) => isFull(own, keys) }),
  open: openPredict,
};
