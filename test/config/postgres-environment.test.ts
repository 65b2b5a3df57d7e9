import { expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { readEnvironment } from '../../src/config/environment.ts';
import { printProblem } from '../../src/config/problem.ts';

const named = (more: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(more).map(([name, value]) => [`DOWNLINK_POSTGRES${name}`, value]));
const read = (more: Readonly<Record<string, string>>) => readEnvironment(named(more));

test.each([
  ['postgres://db.example/jobs', { host: 'db.example', port: 5432, database: 'jobs' }],
  ['postgresql://[::1]:6543/my-jobs', { host: '::1', port: 6543, database: 'my-jobs' }],
])('%s is an address', (written, address) => {
  expect(read({ '': written }).environment?.postgres).toMatchObject({
    ...address,
    username: undefined,
    tls: undefined,
  });
});

test('name, password and certificates stand beside the address, and the password is not shown', () => {
  const { environment } = read({
    ...{ '': 'postgres://db/jobs', _USERNAME: 'me', _PASSWORD: 'hunter2' },
    ...{ _CA: '/ca.pem', _CERT: '/c.pem', _KEY: '/k.pem' },
  });
  expect(environment?.postgres).toMatchObject({
    username: 'me',
    tls: { ca: '/ca.pem', client: { cert: '/c.pem', key: '/k.pem' } },
  });
  expect(environment?.postgres?.password?.reveal()).toBe('hunter2');
  expect(inspect(environment, { depth: 9 })).not.toContain('hunter2');
});

test.each<[Readonly<Record<string, string>>, readonly string[]]>([
  [{ '': 'http://db/jobs' }, [': is no address; write an address like postgres://127.0.0.1:5432/downlink']],
  [{ '': 'postgres://me:hunter2@db/jobs' }, [': is no address; keep name and password out of the address']],
  [{ '': 'postgres://db' }, [': is no address; name a database behind the port, like /downlink']],
  [{ '': 'postgres://db/a/b' }, [': is no address; name a database behind the port, like /downlink']],
  [{ '': 'postgres://db/a?sslmode=disable' }, [': is no address; leave out what stands behind the database']],
  [{ '': 'postgres://db/a', _TLS: 'yes' }, ['_TLS: has no such value; write true or false']],
  [{ '': 'postgres://db/a', _PASSWORD: 'x' }, ['_PASSWORD: stands alone; set DOWNLINK_POSTGRES_USERNAME too']],
  [
    { '': 'postgres://db/a', _CERT: '/c' },
    [
      '_CERT: stands alone; set DOWNLINK_POSTGRES_KEY too',
      '_CERT: is set without TLS; set DOWNLINK_POSTGRES_TLS=true, or leave it out',
    ],
  ],
  [{ _USERNAME: 'me' }, ['_USERNAME: stands alone; set DOWNLINK_POSTGRES too']],
])('%j is wrong', (more, problems) => {
  expect(read(more).problems?.map(printProblem)).toEqual(
    problems.map((problem) => `environment: DOWNLINK_POSTGRES${problem}`),
  );
});
