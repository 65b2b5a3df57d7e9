import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openPool } from '../../src/embedded/inference-server/execution/pool.ts';

// A process of its own (threads.test.ts), because what it looks for ends the whole process.
const repository = join(import.meta.dirname, '..', '..', 'model_repository');
const files = readdirSync(repository).map((name) => join(repository, name, '1', 'model.onnx'));
const options = { intraOpNumThreads: 1, logSeverityLevel: 3, graphOptimizationLevel: 'all' } as const;

let opened = 0;
for (let round = 0; round < Number(process.argv[2]); round++) {
  const pool = openPool({ workers: 2, maxSessionBytes: 1e9, execArgv: process.execArgv });
  const openOnAndOn = async (): Promise<never> => {
    for (let index = 0; ; index++) {
      await pool.open({ source: files[index % files.length] ?? '', bytes: 1e5, options });
      opened++;
    }
  };
  await Promise.race([openOnAndOn(), pause((round % 8) * 60).then(() => pool.end())]);
}
process.stdout.write(String(opened));
