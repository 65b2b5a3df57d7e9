import { recorded, writeModel } from './repositories.ts';
import { infer } from './replay.ts';
import { startServer } from './server-process.ts';

const guess = 20;
const asMs = 200;
/** The recorded models were busy for so much longer than they were asked to be. */
const factor = 1.35;

/** How many rounds of the slow models' loop this machine does in what is to count as a millisecond. */
export async function calibrate(repository: string): Promise<number> {
  writeModel(repository, 'slow_plain', recorded('slow_plain', guess));
  const server = await startServer(repository);
  try {
    const run = async (): Promise<number> => {
      const inputs = [
        { name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] },
        { name: 'ms', datatype: 'INT64', shape: [1, 1], data: [asMs] },
      ];
      const { took, status, message } = await infer(server, { model_name: 'slow_plain', inputs });
      if (status !== 'OK') throw new Error(`the slow model fails: ${message ?? ''}\n${server.printed()}`);
      return took;
    };
    await run();
    const took = Math.min(await run(), await run());
    return Math.max(1, Math.round((guess * asMs * factor) / took));
  } finally {
    await server.stop();
  }
}
