import type { RestClient } from './rest-client.ts';

export const record = (...names: string[]) => ({
  type: 'record',
  name: 'T',
  fields: names.map((name) => ({ name, type: 'int' })),
});

/** Something of every kind that a registry keeps; the next id is 7. */
export async function fillRegistry(registry: RestClient): Promise<void> {
  await registry.register('kept', record('a'));
  await registry.register('kept', record());
  await registry.put('/config', { compatibility: 'FULL' });
  await registry.put('/config/kept', { compatibility: 'FORWARD' });
  await registry.put('/mode/kept', { mode: 'READONLY' });
  await registry.put('/mode/kept', { mode: 'READWRITE' });
  await registry.register('used', { type: 'fixed', name: 'F', size: 2 });
  const user = { type: 'record', name: 'U', fields: [{ name: 'f', type: 'F' }] };
  await registry.register('user', user, { references: [{ name: 'F', subject: 'used', version: 1 }] });
  await registry.register('soft', record('s'));
  await registry.delete('/subjects/soft');
  await registry.register('hard', record('h'));
  await registry.delete('/subjects/hard');
  await registry.delete('/subjects/hard?permanent=true');
}

/** All that can be asked for, as one value. */
export async function everything(registry: RestClient): Promise<unknown> {
  const paths = [
    '/schemas?deleted=true',
    '/subjects',
    '/subjects?deleted=true',
    '/config',
    '/config/kept',
    '/mode',
    '/mode/kept',
    '/subjects/used/versions/1/referencedby',
    '/schemas/ids/2',
  ];
  return Promise.all(paths.map(async (path) => (await registry.get(path)).json));
}
