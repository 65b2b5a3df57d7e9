import { SchemaRegistry, SchemaType, COMPATIBILITY } from '@kafkajs/confluent-schema-registry';
import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { compatibilityCases } from '../../avro/compatibility-cases.ts';
import { restClient } from '../../embedded/registry/rest-client.ts';

const record = (...fields: object[]) => ({ type: 'record', name: 'T', namespace: 'n', fields });
const a = { name: 'a', type: 'int' };
const withDefault = { name: 'b', type: 'int', default: 0 };
const withoutDefault = { name: 'b', type: 'int' };
const asBody = (schema: unknown) => ({ schema: JSON.stringify(schema) });

/** What every registry must do that downlink works with. Subjects are new in each run: a real registry may hold others. */
export function registryCases(url: () => string): void {
  const run = randomUUID().slice(0, 8);
  let count = 0;
  const newSubject = (word = 'case') => `${run}-${word}-${count++}`;
  const client = () => restClient(url());
  const json = async (path: string): Promise<unknown> => (await client().get(path)).json;

  describe('compatibility', () => {
    test.each(compatibilityCases)('$name: $readable', async ({ writer, reader, readable }) => {
      const subject = newSubject();
      await client().register(subject, writer);
      const check = await client().post(`/compatibility/subjects/${subject}/versions/latest`, asBody(reader));
      expect(check.json).toMatchObject({ is_compatible: readable });
      const registered = await client().post(`/subjects/${subject}/versions`, asBody(reader));
      expect(registered.status).toBe(readable ? 200 : 409);
      expect(await json(`/subjects/${subject}/versions/latest`)).toMatchObject({ version: readable ? 2 : 1 });
    });

    test.each([
      ['BACKWARD', true, false],
      ['BACKWARD_TRANSITIVE', true, false],
      ['FORWARD', true, true],
      ['FORWARD_TRANSITIVE', true, true],
      ['FULL', true, false],
      ['FULL_TRANSITIVE', true, false],
    ])('a subject on %s: a field with default %s, one without %s', async (level, optional, required) => {
      const subject = newSubject();
      await client().register(subject, record(a));
      const put = await client().put(`/config/${subject}`, { compatibility: level });
      expect(put.status).toBe(200);
      expect(await json(`/config/${subject}`)).toEqual({ compatibilityLevel: level });
      for (const [field, fits] of [[withDefault, optional] as const, [withoutDefault, required] as const]) {
        const check = await client().post(`/compatibility/subjects/${subject}/versions/1`, asBody(record(a, field)));
        expect(check.json).toMatchObject({ is_compatible: fits });
      }
    });

    test.each([
      ['BACKWARD', 200],
      ['BACKWARD_TRANSITIVE', 409],
    ])('long after int after double, on %s: %d', async (level, status) => {
      const subject = newSubject();
      const typed = (type: string) => record({ name: 'a', type });
      await client().register(subject, typed('double'));
      await client().put(`/config/${subject}`, { compatibility: 'FORWARD' });
      await client().register(subject, typed('int'));
      await client().put(`/config/${subject}`, { compatibility: level });
      expect((await client().post(`/subjects/${subject}/versions`, asBody(typed('long')))).status).toBe(status);
    });
  });

  describe('ids and versions', () => {
    test('one schema has one id in all subjects; registered again, it stays what it is', async () => {
      const schema = record({ name: newSubject().replaceAll('-', '_').replace(/^/, 'f'), type: 'int' });
      const [first, second] = [newSubject(), newSubject()];
      const id = await client().register(first, schema);
      expect(await client().register(first, schema)).toBe(id);
      expect(await client().register(second, schema)).toBe(id);
      expect(await json(`/subjects/${first}/versions`)).toEqual([1]);
      expect(await json(`/schemas/ids/${id}`)).toMatchObject({ schema: JSON.stringify(schema) });
      expect(await json('/subjects')).toEqual(expect.arrayContaining([first, second]));
    });

    test('versions count up from one, and are found by number, as latest and by schema', async () => {
      const subject = newSubject();
      const ids = [
        await client().register(subject, record(a)),
        await client().register(subject, record(a, withDefault)),
      ];
      expect(await json(`/subjects/${subject}/versions`)).toEqual([1, 2]);
      expect(await json(`/subjects/${subject}/versions/1`)).toMatchObject({ subject, version: 1, id: ids[0] });
      expect(await json(`/subjects/${subject}/versions/latest`)).toMatchObject({ subject, version: 2, id: ids[1] });
      const found = await client().post(`/subjects/${subject}`, asBody(record(a)));
      expect(found.json).toMatchObject({ subject, version: 1, id: ids[0] });
      expect((await client().get(`/subjects/${subject}/versions/1/schema`)).text).toBe(JSON.stringify(record(a)));
    });

    test('a doc makes a new version', async () => {
      const subject = newSubject();
      await client().register(subject, record(a));
      await client().register(subject, record({ ...a, doc: 'counts' }));
      expect(await json(`/subjects/${subject}/versions`)).toEqual([1, 2]);
    });

    test('what is not there has its code', async () => {
      const subject = newSubject();
      await client().register(subject, record(a));
      const code = async (path: string) => (await client().get(path)).json;
      expect(await code(`/subjects/${newSubject()}/versions`)).toMatchObject({ error_code: 40401 });
      expect(await code(`/subjects/${subject}/versions/9`)).toMatchObject({ error_code: 40402 });
      expect(await code('/schemas/ids/99999999')).toMatchObject({ error_code: 40403 });
      const other = await client().post(`/subjects/${subject}`, asBody(record(a, withDefault)));
      expect(other).toMatchObject({ status: 404, json: { error_code: 40403 } });
      const nameless = await client().post(`/subjects/${subject}/versions`, asBody({ type: 'record', fields: [] }));
      expect(nameless).toMatchObject({ status: 422, json: { error_code: 42201 } });
    });

    test('a subject may hold slashes, blanks and percent signs', async () => {
      const subject = `${newSubject()}/a b%2Fc`;
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const id = await client().register(subject, record(a));
      expect(await json(`${path}/versions/latest`)).toMatchObject({ subject, version: 1, id });
      expect(await json('/subjects')).toEqual(expect.arrayContaining([subject]));
    });
  });

  describe('deletion', () => {
    test('softly: gone from its subject, still there by its id, and its number is not given again', async () => {
      const subject = newSubject();
      const id = await client().register(subject, record(a));
      await client().register(subject, record(a, withDefault));
      expect((await client().delete(`/subjects/${subject}/versions/1`)).json).toBe(1);
      expect(await json(`/subjects/${subject}/versions`)).toEqual([2]);
      expect(await json(`/subjects/${subject}/versions?deleted=true`)).toEqual([1, 2]);
      expect(await json(`/subjects/${subject}/versions/1`)).toMatchObject({ error_code: 40402 });
      expect((await client().get(`/schemas/ids/${id}`)).status).toBe(200);
      await client().register(subject, record(a, withDefault, { ...withDefault, name: 'c' }));
      expect(await json(`/subjects/${subject}/versions`)).toEqual([2, 3]);
    });

    test('a whole subject, softly and then for good', async () => {
      const subject = newSubject();
      await client().register(subject, record(a));
      await client().register(subject, record(a, withDefault));
      expect((await client().delete(`/subjects/${subject}`)).json).toEqual([1, 2]);
      expect(await json('/subjects')).not.toEqual(expect.arrayContaining([subject]));
      expect(await json(`/subjects/${subject}/versions`)).toMatchObject({ error_code: 40401 });
      expect((await client().delete(`/subjects/${subject}?permanent=true`)).json).toEqual([1, 2]);
      expect(await json(`/subjects/${subject}/versions?deleted=true`)).toMatchObject({ error_code: 40401 });
    });
  });

  test('references: resolved, listed, and what is referred to cannot be deleted', async () => {
    const [inner, outer] = [newSubject('inner'), newSubject('outer')];
    const name = `n.I${run}${count}`;
    await client().register(inner, { type: 'record', name, fields: [a] });
    const schema = { type: 'record', name: `n.O${run}${count}`, fields: [{ name: 'i', type: name }] };
    const references = [{ name, subject: inner, version: 1 }];
    const id = await client().register(outer, schema, { references });
    expect(await json(`/subjects/${outer}/versions/1`)).toMatchObject({ id, references });
    expect(await json(`/schemas/ids/${id}`)).toMatchObject({ references });
    expect(await json(`/subjects/${inner}/versions/1/referencedby`)).toEqual([id]);
    expect((await client().delete(`/subjects/${inner}/versions/1`)).json).toMatchObject({ error_code: 42206 });
    const unknown = await client().post(`/subjects/${newSubject()}/versions`, asBody(schema));
    expect(unknown.status).toBe(422);
  });

  test('the client that downlink uses: what its calls do', async () => {
    const telemetry = {
      type: 'record',
      name: `Telemetry${run}`,
      namespace: 'downlink',
      fields: [
        { name: 'entity', type: 'string' },
        { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'values', type: { type: 'array', items: 'float' } },
      ],
    };
    const avro = { type: SchemaType.AVRO, schema: JSON.stringify(telemetry) } as const;
    const subject = `${run}-telemetry-value`;
    const fresh = () => new SchemaRegistry({ host: url() });
    const writer = fresh();
    const { id } = await writer.register(avro, { subject });
    expect(await writer.register(avro, { subject })).toEqual({ id });
    expect(await writer.register(avro)).toEqual({ id });
    const otherLevel = writer.register(avro, { subject, compatibility: COMPATIBILITY.FULL });
    await expect(otherLevel).rejects.toThrow('Compatibility does not match the configuration (FULL != BACKWARD)');
    const value = { entity: 'A-1', ts: 1_000, values: [1, 2, 3] };
    const bytes = await writer.encode(id, value);
    expect(bytes.readInt32BE(1)).toBe(id);
    await expect(writer.encode(id, { entity: 1 })).rejects.toThrow();
    const reader = fresh();
    expect(await reader.decode(bytes)).toMatchObject(value);
    const third = fresh();
    expect(await Promise.all([third.decode(bytes), third.decode(bytes), third.decode(bytes)])).toHaveLength(3);
    await expect(reader.decode(Buffer.from([0, 5, 0xf5, 0xe0, 0xff, 1]))).rejects.toMatchObject({ status: 404 });
    await expect(reader.decode(Buffer.from([1, 0, 0, 0, 1, 1]))).rejects.toThrow('magic byte');
    await expect(reader.decode(Buffer.from([0, 0]))).rejects.toThrow();
    expect(await reader.getLatestSchemaId(subject)).toBe(id);
    expect(await reader.getRegistryId(subject, 1)).toBe(id);
    expect(await reader.getRegistryIdBySchema(subject, avro)).toBe(id);
    await expect(reader.getLatestSchemaId(`${run}/a b`)).rejects.toMatchObject({ status: 404 });
    const name = `downlink.Telemetry${run}`;
    const envelope = { type: 'record', name: `Env${run}`, namespace: 'downlink', fields: [{ name: 't', type: name }] };
    const schema = JSON.stringify(envelope);
    const references = [{ name, subject, version: 1 }];
    const outer = await writer.register({ type: SchemaType.AVRO, schema, references }, { subject: `${run}-env-value` });
    const wrapped = await fresh().encode(outer.id, { t: value });
    expect(await fresh().decode(wrapped)).toMatchObject({ t: value });
  });
}
