import { expect, test } from '@jest/globals';
import { readEnvironment } from '../../../src/config/environment.ts';
import { startRegistry } from '../../../src/embedded/registry/server.ts';
import { openSchemaLog } from '../../../src/pipeline/schema-log.ts';
import { describeWith } from '../../support/describe-with.ts';

describeWith('kafka', 'a registry that keeps its schemas in Kafka', ({ bootstrap }) => {
  test('has them all again when it is started anew, and another sees what the first wrote', async () => {
    const { environment } = readEnvironment({ DOWNLINK_KAFKA: bootstrap });
    const subject = `in-kafka-${Date.now()}`;
    const schema = JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] });
    const register = async (url: string): Promise<unknown> => {
      const answer = await fetch(`${url}/subjects/${subject}/versions`, {
        method: 'POST',
        body: JSON.stringify({ schema }),
      });
      return answer.json();
    };
    const ids: unknown[] = [];
    for (let start = 0; start < 3; start++) {
      const log = await openSchemaLog(environment?.kafka, 'unused');
      const registry = await startRegistry({ log });
      ids.push(await register(registry.url));
      const versions = await (await fetch(`${registry.url}/subjects/${subject}/versions`)).json();
      expect(versions).toEqual([1]);
      await registry.close();
      await log.close();
    }
    expect(new Set(ids.map((id) => JSON.stringify(id))).size).toBe(1);
  });
});
