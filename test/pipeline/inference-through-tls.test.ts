import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readEnvironment } from '../../src/config/environment.ts';
import type { OpenInference } from '../../src/inference/inference.ts';
import { inferenceOf } from '../../src/pipeline/inference-of.ts';
import { summingModel } from '../contract/inference/real-triton-port.ts';
import { recorded } from '../contract/inference/repositories.ts';
import { serve, type Served } from '../inference-server/served.ts';
import { openAuthority } from '../support/authority.ts';
import { eventually } from '../support/eventually.ts';
import { startTlsFront, type TlsFront, type TlsFrontOptions } from '../support/tls-front.ts';

const [ours, strangers] = [openAuthority('ours'), openAuthority('strangers')];
const [server, client, stranger] = [ours.issue('server'), ours.issue('downlink'), strangers.issue('server')];
const folder = mkdtempSync(join(tmpdir(), 'downlink-tls-'));
const pem = (name: string): string => join(folder, `${name}.pem`);
const secret = 'Bearer hunter2';

let behind: Served;
const fronts: TlsFront[] = [];
const opened: OpenInference[] = [];
beforeAll(async () => {
  behind = await serve({ summing: summingModel(), plain: recorded('plain', 1) });
  const pems = { ours: ours.certificate, strangers: strangers.certificate, cert: client.certificate, key: client.key };
  for (const [name, text] of Object.entries({ ...pems, other: stranger.key })) writeFileSync(pem(name), text);
  mkdirSync(join(folder, 'summing'));
  const metadata = { kind: 'summing', form: 'single', sensors: 1, state: [1], entities: {} };
  writeFileSync(join(folder, 'summing', 'metadata.json'), JSON.stringify(metadata));
});
afterEach(async () => {
  for (const inference of opened.splice(0)) inference.close();
  await Promise.all(fronts.splice(0).map((front) => front.close()));
});
afterAll(async () => {
  await behind.end();
  rmSync(folder, { recursive: true });
});

async function frontWith(more: Partial<TlsFrontOptions> = {}): Promise<TlsFront> {
  const front = await startTlsFront({ behind: behind.address, own: server, ...more });
  fronts.push(front);
  return front;
}

/** As the environment says. */
function open({ address }: TlsFront, more: Readonly<Record<string, string>>): OpenInference {
  const named = Object.entries(more).map(([name, value]) => [`DOWNLINK_TRITON_${name}`, value]);
  const { environment } = readEnvironment({ DOWNLINK_TRITON: address, ...(Object.fromEntries(named) as object) });
  if (environment?.triton === undefined) throw new Error('the environment has mistakes');
  const entity = { satellite: 'S', name: 'A', sensors: ['x'], model: 'summing', threshold: undefined };
  const inference = inferenceOf(environment.triton, { entities: [entity], stages: [] }, folder, () => undefined);
  opened.push(inference);
  return inference;
}

const never = new AbortController().signal;
/** Over the stream. */
const run = async (inference: OpenInference): Promise<readonly number[]> => {
  const lane = inference.open(`tls.${performance.now()}`, 5_000);
  const pieces = [Float32Array.of(1, 2)];
  const answer = await lane.run(
    { entity: 'S/A', model: 'summing', place: 0, from: new Float32Array(1), pieces },
    never,
  );
  return [...(answer.pieces[0]?.score ?? [])];
};
/** By a single call. */
const ask = async (inference: OpenInference): Promise<readonly number[]> => {
  const inputs = { x: { shape: [1, 2], data: Float32Array.of(1, 2) } };
  const { outputs } = await inference.ask({ model: 'plain', inputs, timeoutMs: 5_000 }, never);
  return Array.from(outputs['y']?.data ?? [], Number);
};

async function isRefused(attempt: Promise<unknown>, place: TlsFront, says: RegExp): Promise<void> {
  const thrown = await attempt.catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'inference-refused', detail: expect.stringMatching(says) });
  expect((thrown as Error).message).toContain(place.address);
  expect(`${inspect(thrown, { depth: 9 })} ${(thrown as Error).stack}`).not.toContain('hunter');
}

test('who trusts the authority is served over the stream and by single calls, and its headers come with both', async () => {
  const front = await frontWith();
  const inference = open(front, { CA: pem('ours'), HEADERS: `authorization=${secret}, x-team=ops` });
  expect(await run(inference)).toEqual([1, 3]);
  expect(await ask(inference)).toEqual([2, 4]);
  expect([...front.calls.keys()].sort()).toEqual(['ModelConfig', 'ModelInfer', 'ModelStreamInfer']);
  for (const headers of front.calls.values()) expect(headers).toMatchObject({ authorization: secret, 'x-team': 'ops' });
});

test.each([{ CA: 'strangers' }, { TLS: 'true' }])('TLS is not spoken with a stranger: %j', async ({ CA, ...more }) => {
  const front = await frontWith();
  const inference = open(front, CA === undefined ? more : { CA: pem(CA) });
  await isRefused(run(inference), front, /certificate/);
  await isRefused(ask(inference), front, /certificate/);
  expect(front.calls.size).toBe(0);
});

test('a server that comes back with the certificate of a stranger gets no stream', async () => {
  const front = await frontWith();
  const inference = open(front, { CA: pem('ours') });
  await run(inference);
  await front.close();
  fronts.pop();
  const other = await frontWith({ own: stranger, port: front.port });
  await eventually('the stream is tried again', () =>
    run(inference).catch((error: unknown) => (error as { code: string }).code === 'inference-refused'),
  );
  await eventually('it is refused', () => isRefused(run(inference), other, /certificate/).then(() => true));
  expect(other.calls.size).toBe(0);
});

test('a certificate is shown where one is asked for, and without it downlink is refused', async () => {
  const front = await frontWith({ callers: ours.certificate });
  const shown = open(front, { CA: pem('ours'), CERT: pem('cert'), KEY: pem('key') });
  expect(await run(shown)).toEqual([1, 3]);
  expect(await ask(shown)).toEqual([2, 4]);
  const without = open(front, { CA: pem('ours') });
  await isRefused(run(without), front, /certificate required/);
  await isRefused(ask(without), front, /certificate required/);
  expect(() => open(front, { CA: pem('ours'), CERT: pem('cert'), KEY: pem('other') })).toThrow(
    'environment: DOWNLINK_TRITON_CA, _CERT and _KEY are of no use',
  );
});

test('a token that is not taken is an error that does not tell it, before the stream is there and after', async () => {
  const front = await frontWith();
  const known = open(front, { CA: pem('ours'), HEADERS: `authorization=${secret}` });
  await run(known);
  front.demand('Bearer another');
  front.cut();
  await eventually('single calls are refused', () => isRefused(ask(known), front, /who are you\?/).then(() => true));
  await eventually('the stream is refused', () => isRefused(run(known), front, /who are you\?/).then(() => true));
  await isRefused(run(open(front, { CA: pem('ours'), HEADERS: 'authorization=hunter3' })), front, /who are you\?/);
});
