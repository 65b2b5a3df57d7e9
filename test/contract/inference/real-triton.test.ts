import { afterAll, beforeAll, describe } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../support/describe-with.ts';
import { freePorts } from '../../support/free-port.ts';
import { startTriton } from '../../support/triton.ts';
import {
  asksThroughThePort,
  scoresThroughRestarts,
  scoresThroughThePort,
  sharesFewSlots,
  summingModel,
  type Killable,
} from './real-triton-port.ts';
import { holdsTheRulesOfRequests } from './real-triton-requests.ts';
import { holdsTheRulesOfSequences } from './real-triton-sequences.ts';
import { recorded, writeModel } from './repositories.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeWith('triton', 'a real Triton', ({ grpc }) => {
  holdsTheRulesOfSequences(() => grpc);
  holdsTheRulesOfRequests(() => grpc);
  scoresThroughThePort(() => grpc);
  sharesFewSlots(() => grpc);
  asksThroughThePort(() => grpc);
});

describeWith('tritonProgram', 'a real Triton that is killed', ({ folder }) => {
  scoresThroughRestarts(() => startTriton(folder));
});

describe('the embedded server', () => {
  let repository: string;
  let server: ServerProcess;
  beforeAll(async () => {
    repository = mkdtempSync(join(tmpdir(), 'downlink-real-triton-'));
    for (const name of ['acc', 'acc_small', 'plain']) writeModel(repository, name, recorded(name, 1));
    writeModel(repository, 'summing', summingModel());
    writeModel(repository, 'summing_small', summingModel(2));
    server = await startServer(repository);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(repository, { recursive: true, force: true });
  });
  holdsTheRulesOfSequences(() => server.grpc);
  holdsTheRulesOfRequests(() => server.grpc);
  scoresThroughThePort(() => server.grpc);
  sharesFewSlots(() => server.grpc);
  asksThroughThePort(() => server.grpc);

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
