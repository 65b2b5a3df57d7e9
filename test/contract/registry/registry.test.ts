import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRegistry, type RunningRegistry } from '../../../src/embedded/registry/server.ts';
import { memoryLog } from '../../embedded/registry/memory-log.ts';
import { restClient } from '../../embedded/registry/rest-client.ts';
import { describeWith } from '../../support/describe-with.ts';
import { registryCases } from './registry-cases.ts';

describeWith('registry', 'a real schema registry', (registry) => {
  registryCases(() => registry.url);
});

describe('the embedded schema registry', () => {
  let running: RunningRegistry;
  beforeAll(async () => {
    running = await startRegistry({ log: memoryLog() });
  });
  afterAll(() => running.close());

  registryCases(() => running.url);

  describe('as Confluent has it; Apicurio 3.0.9, the real registry of these tests, has it otherwise', () => {
    const schema = '{"type":"record","name":"T","fields":[]}';

    test('white space makes no version (Apicurio: a new id and version)', async () => {
      const client = restClient(running.url);
      const first = await client.post('/subjects/white/versions', { schema });
      const second = await client.post('/subjects/white/versions', { schema: schema.replaceAll(':', ' :\n') });
      expect(second.json).toEqual(first.json);
      expect((await client.get('/subjects/white/versions')).json).toEqual([1]);
    });

    test('NONE of a subject wins over all (Apicurio: the global level wins)', async () => {
      const client = restClient(running.url);
      await client.register('none', 'int');
      await client.put('/config/none', { compatibility: 'NONE' });
      expect((await client.post('/subjects/none/versions', { schema: '"string"' })).status).toBe(200);
    });

    test('AVRO and no references go without saying (Apicurio: always there)', async () => {
      const client = restClient(running.url);
      const id = await client.register('plain', 'int');
      expect((await client.get(`/schemas/ids/${id}`)).json).toEqual({ schema: '"int"' });
    });

    test('an empty text is no schema (Apicurio: it gets an id)', async () => {
      const reply = await restClient(running.url).post('/subjects/empty/versions', { schema: '' });
      expect(reply.json).toEqual({ error_code: 42201, message: 'Empty schema' });
    });
  });
});
