import { expect, test } from '@jest/globals';
import { downlink } from './command-line.ts';

test.each([
  ['a verb', ['repaly'], 'Did you mean replay?', 'downlink --help'],
  ['a verb of a verb', ['offsets', 'rest'], 'Did you mean reset?', 'downlink offsets --help'],
  ['a flag', ['--versoin'], 'Did you mean --version?', 'downlink --help'],
  ['a flag of a verb', ['replay', '--speeed', '2'], 'Did you mean --speed?', 'downlink replay --help'],
  ['a flag that has to be', ['replay', '--topolgy', 'x'], 'Did you mean --topology?', 'downlink replay --help'],
  ['a flag of a verb of a verb', ['dlq', 'ls', '--untill', 'x'], 'Did you mean --until?', 'downlink dlq ls --help'],
  ['a verb that help is asked for', ['help', 'topolgy'], 'Did you mean topology?', 'downlink --help'],
  ['a verb of a verb, too', ['help', 'model', 'shwo'], 'Did you mean show?', 'downlink model --help'],
  ['a choice', ['replay', '--topology', 'x', '--generate', 'smpa'], 'random_walk', 'downlink replay --help'],
])('%s: %j', async (_, args, says, seeAlso) => {
  const { code, out, err } = await downlink(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(says);
  expect(err).toContain(`(${seeAlso} shows what there is)`);
});

test('what is like nothing else is not guessed at', async () => {
  expect((await downlink(['qqqqqq'])).err).toBe(
    "error: unknown command 'qqqqqq'\n(downlink --help shows what there is)\n",
  );
});

test('help shows what --help does', async () => {
  expect((await downlink(['help', 'topology', 'check'])).out).toBe(
    (await downlink(['topology', 'check', '--help'])).out,
  );
  expect(await downlink(['help', 'run', 'fast'])).toMatchObject({ code: 2, out: '' });
});

test('what the configuration refuses is not started again', async () => {
  const told: object[] = [];
  const refused = { DOWNLINK_KAFKA: '127.0.0.1:1', DOWNLINK_KAFKA_TLS: 'true', DOWNLINK_KAFKA_CA: '/not/there' };
  const env = { ...refused, DOWNLINK_REGISTRY: 'http://127.0.0.1:1' };
  const tell = (message: object): void => void told.push(message);
  const { code, err } = await downlink(['offsets', 'ls', '--topology', 'topologies/smap.yaml'], { env, tell });
  expect([code, told]).toEqual([1, [{ says: 'failed' }]]);
  expect(err).toContain('config-invalid: environment: DOWNLINK_KAFKA_CA: /not/there cannot be read');
});

test('what may go well the next time is', async () => {
  const told: object[] = [];
  const tell = (message: object): void => void told.push(message);
  const env = { DOWNLINK_REGISTRY: 'http://127.0.0.1:1' };
  const { code, err } = await downlink(['schema', 'register', 'topologies/smap.yaml'], { env, tell });
  expect([code, told, err]).toEqual([1, [], expect.stringContaining('registry-unavailable')]);
});
