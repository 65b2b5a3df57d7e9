import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiUnderTest, type ApiUnderTest } from '../../support/api.ts';
import { describeWith } from '../../support/describe-with.ts';
import { validRecords } from '../../support/samples.ts';

const seed = '20261122';

let api: ApiUnderTest;
let stages: NodeJS.Timeout;
beforeAll(async () => {
  // Under the names that the document has as examples.
  const [satellite, name, sensors, model] = ['SAT-001', 'A-1', ['sensor_0', 'sensor_1'], 'm'];
  api = await apiUnderTest({ entities: [{ satellite, name, sensors, model, threshold: undefined }] });
  api.feed({ ...validRecords.scores, satellite_id: 'SAT-001', entity: 'A-1' });
  api.feed({ ...validRecords.anomaly, satellite_id: 'SAT-001', entity: 'A-1' });
  // Most jobs are answered, as a stage would; so there are some of every kind.
  let seen = 0;
  stages = setInterval(() => {
    for (const entry of api.written.slice(seen))
      if ('data' in entry && seen++ % 5 > 0) api.complete(entry.id, { model: entry.model });
    seen = api.written.length;
  }, 20);
});
afterAll(async () => {
  clearInterval(stages);
  await api.app.close();
});

/** Its exit status, and what it says. */
const asked = (file: string, url: string) =>
  new Promise<{ readonly code: number; readonly said: string }>((resolve) => {
    // It keeps what it finds in the folder in which it is.
    const cwd = mkdtempSync(join(tmpdir(), 'downlink-schemathesis-'));
    const args = ['run', `${url}/openapi.json`, '--seed', seed, '--max-examples', '25', '--no-color', '--workers', '2'];
    // `results` and `submit` could be ids to DELETE, as far as routes go: that is 400, not 405. And what is refused for more than
    // its form (a model or a page that there is not) is right by the document.
    const checks = ['--checks', 'all', '--exclude-checks', 'unsupported_method,positive_data_acceptance'];
    const options = { cwd, timeout: 90_000, maxBuffer: 2 ** 26 };
    execFile(file, [...args, ...checks, '--continue-on-failure'], options, (error, out, err) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: `${out}\n${err}` });
    });
  });

describeWith('schemathesis', 'by whoever reads only the document', ({ file }) => {
  test('every answer is one that it declares, and none is a failure', async () => {
    const { code, said } = await asked(file, api.url);
    if (code !== 0) throw new Error(said.slice(-6_000));
    expect(Number(/(\d+) generated/.exec(said)?.[1])).toBeGreaterThan(500);
    expect(api.written.length).toBeGreaterThan(10);
  }, 100_000);
});
