import { afterAll, beforeAll, describe } from '@jest/globals';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { registryCases } from '../../contract/registry/registry-cases.ts';
import { memoryLog } from './memory-log.ts';

// The same cases as in test/contract/registry, so that a check that starts no other program has them as well.
describe('what every registry must do', () => {
  let running: RunningRegistry;
  beforeAll(async () => {
    running = await startRegistry({ log: memoryLog() });
  });
  afterAll(() => running.close());

  registryCases(() => running.url);
});
