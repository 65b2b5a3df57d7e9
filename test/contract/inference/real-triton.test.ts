import { afterAll, beforeAll, describe } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../support/describe-with.ts';
import { freePorts } from '../../support/free-port.ts';
import { startTriton } from '../../support/triton.ts';
import { holdsTheRules } from './real-triton-cases.ts';
import { scoresThroughRestarts, scoresThroughThePort, summingModel, type Killable } from './real-triton-port.ts';
import { recorded, writeModel } from './repositories.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeWith('triton', 'a real Triton', ({ grpc }) => {
  holdsTheRules(() => grpc);
  scoresThroughThePort(() => grpc);
});

describeWith('tritonProgram', 'a real Triton that is killed', ({ folder }) => {
  scoresThroughRestarts(() => startTriton(folder));
});

describe('the embedded server', () => {
  let repository: string;
  let server: ServerProcess;
  beforeAll(async () => {
    repository = mkdtempSync(join(tmpdir(), 'downlink-real-triton-'));
    for (const name of ['acc', 'acc_small']) writeModel(repository, name, recorded(name, 1));
    writeModel(repository, 'summing', summingModel());
    server = await startServer(repository);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(repository, { recursive: true, force: true });
  });
  holdsTheRules(() => server.grpc);
  scoresThroughThePort(() => server.grpc);

  scoresThroughRestarts(async (): Promise<Killable> => {
    const [port = 0] = await freePorts(1);
    const begin = (): Promise<ServerProcess> => startServer(repository, ['--grpc-port', `${port}`]);
    let mortal = await begin();
    return {
      grpc: mortal.grpc,
      kill: () => mortal.stop(),
      start: async () => {
        mortal = await begin();
      },
      stop: () => mortal.stop(),
    };
  });
});
