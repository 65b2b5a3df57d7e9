import { mutated } from '../mutate.ts';
import { hostileJson } from './hostile-json.ts';

export interface HostileRequest {
  readonly bytes: Buffer;
  readonly isHead: boolean;
}

type Random = () => number;
const crlf = '\r\n';

/** What people and their programs send that is no request, or hardly one; `known` are ids of jobs that there are. */
export function hostileRequest(random: Random, known: readonly string[]): HostileRequest {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const id = one(random() < 0.5 && known.length > 0 ? known : ids);
  const [method, path] = random() < 0.85 ? one(routes) : [one(methods), one(routes)[1]];
  const target = `${one(before)}${path.replace('ID', id)}${random() < 0.3 ? one(queries) : ''}`;
  const body = (method === 'POST' ? 0.95 : 0.2) > random() ? bodyOf(random) : Buffer.alloc(0);
  const headers = Array.from({ length: random() < 0.4 ? 1 + Math.floor(random() * 2) : 0 }, () => one(odd));
  const type = random() < 0.9 ? 'content-type: application/json' : one(types);
  const lines = [
    `${method} ${target} ${random() < 0.97 ? 'HTTP/1.1' : one(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'http/1.1', ''])}`,
    ...(random() < 0.97 ? ['host: 127.0.0.1'] : []),
    ...(body.length > 0 ? [type] : []),
    ...headers,
  ];
  const bytes = framed(lines, body, random);
  const isHead = method === 'HEAD';
  // Bytes that are changed anywhere; of a HEAD it would not be known any more whether its answer has a body.
  return { bytes: !isHead && random() < 0.2 ? mutated(bytes, random) : bytes, isHead };
}

/** Its length said rightly, wrongly, twice, in chunks, or not at all. */
function framed(lines: readonly string[], body: Buffer, random: Random): Buffer {
  const whole = (more: readonly string[], content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([...lines, ...more, crlf].join(crlf), 'latin1'), content]);
  const right = `content-length: ${body.length}`;
  const off = Math.floor(random() * 20) - 10;
  const chunked = 'transfer-encoding: chunked';
  const chunks = Buffer.concat([
    Buffer.from(`${body.length.toString(16)}${crlf}`),
    body,
    Buffer.from(`${crlf}0${crlf}${crlf}`),
  ]);
  const kind = random();
  if (kind < 0.75) return whole(body.length === 0 && kind < 0.5 ? [] : [right], body);
  if (kind < 0.8) return whole([`content-length: ${Math.max(0, body.length + off)}`], body);
  if (kind < 0.83) return whole([right, `content-length: ${body.length + off}`], body);
  if (kind < 0.86) return whole([`content-length: ${random() < 0.5 ? '-1' : '1e9, 7'}`], body);
  if (kind < 0.92) return whole([chunked], body.length === 0 ? Buffer.from(`0${crlf}${crlf}`) : chunks);
  if (kind < 0.94) return whole([chunked, right], chunks);
  if (kind < 0.96) return whole([chunked], mutated(chunks, random));
  if (kind < 0.98) return whole([right], body.subarray(0, Math.floor(random() * body.length)));
  return whole([right], Buffer.concat([body, body]));
}

function bodyOf(random: Random): Buffer {
  const text = hostileJson(random);
  const kind = random();
  if (kind < 0.7) return Buffer.from(text);
  if (kind < 0.85) return mutated(Buffer.from(text), random);
  if (kind < 0.9) return Buffer.from(`\ufeff${text}`);
  if (kind < 0.95) return Buffer.from(text, 'utf16le');
  return Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
}

const routes = [
  ...Array.from({ length: 8 }, () => ['POST', '/api/v1/inference/submit'] as const),
  ['POST', '/api/v1/inference/ID/retry'],
  ['GET', '/api/v1/inference/status/ID'],
  ['GET', '/api/v1/inference/result/ID'],
  ['DELETE', '/api/v1/inference/ID'],
  ['GET', '/api/v1/inference/results'],
  ['GET', '/api/v1/results/stats/summary'],
  ['GET', '/api/v1/models'],
  ['GET', '/api/smap/satellites'],
  ['GET', '/api/smap/entity/A-2/overview'],
  ['GET', '/api/smap/entity/A-1/sensor/temperature'],
  ['GET', '/api/smap/entity/ID/sensor/ID'],
  ['GET', '/health'],
  ['GET', '/openapi.json'],
  ['GET', '/ws'],
  ['GET', '/ID'],
  ['OPTIONS', '*'],
] as const;
const methods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY', 'PROPFIND', 'PRI'],
  ...['get', 'GE T', '', 'G\0T', 'X'.repeat(300)],
];
const before = [
  ...Array.from({ length: 60 }, () => ''),
  '/',
  '//',
  '/..',
  '/.',
  'http://127.0.0.1',
  'http://a:b@[::1]:x',
];
const ids = [
  '00000000-0000-4000-8000-000000000000',
  '00000000-0000-4000-8000-00000000000G',
  ...[
    '__proto__',
    'constructor',
    'toString',
    '%',
    '%zz',
    '%00',
    '%ff%fe',
    '%e2%82',
    '%2e%2e%2f',
    '..',
    '~',
    "'--",
    '*',
    '',
  ],
  ...['\xff\xfe', 'ü', '%F0%9F%9B%B0', ':id', '{id}', 'x'.repeat(250), 'y'.repeat(20_000)],
];
const queries = [
  ...[
    '?',
    '?wait=0.01',
    '?wait=-1',
    '?wait=1e999',
    '?wait=NaN',
    '?wait=&wait=1',
    '?wait[]=1',
    '?wait=%00',
    '?wait=0x1',
  ],
  ...['?limit=1e400', '?limit=0', '?limit=5.5', '?limit=500&status=completed', '?status=__proto__', '?model=__proto__'],
  ...['?after=', '?after=9999999999999999.x', `?after=1.${'0'.repeat(36)}`, '?after=%ff', `?after=${'9'.repeat(90)}`],
  ...[
    '?minutes=1',
    '?minutes=-0',
    '?minutes=1441',
    '?points=4',
    '?points=1e9',
    '?from=0&to=9999999999999999',
    '?from=x',
  ],
  ...[
    '?from=275760-09-13&to=-1',
    '?from=+275760-09-13T00:00:00.001Z',
    '?satellite=SAT-001',
    '?satellite=',
    '?satellite=%00',
  ],
  ...['?__proto__=1', '?__proto__[x]=1', '?constructor.prototype.x=1', '?a=%', '?a=%ff', `?${'a&'.repeat(3_000)}`],
  ...['?key=x', '?token=', '?x=dl_aaaaaaaaaaaaaaaaaaaaaaaa', '#fragment', '?\x7f', '?a b'],
];
const types = [
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
  ],
  ...[
    'APPLICATION/JSON',
    'application/json;',
    'application/json, text/html',
    '*/*',
    '/',
    '',
    'application/xml',
    '\xff',
  ],
].map((type) => `content-type: ${type}`);
const odd = [
  ...['idempotency-key: k', 'idempotency-key:', `idempotency-key: ${'k'.repeat(300)}`, 'idempotency-key: \xff'],
  ...[
    'x-request-id: r',
    'x-request-id: \xff\t"{}',
    `x-request-id: ${'r'.repeat(9_000)}`,
    'x-request-id: a\r\nx-request-id: b',
  ],
  ...['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'traceparent: \xff', 'connection: close'],
  ...[
    'connection: upgrade\r\nupgrade: websocket',
    'upgrade: h2c',
    'connection: upgrade\r\nupgrade: h2c',
    'connection: \xff',
  ],
  ...[
    'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  ],
  ...['connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 99\r\nsec-websocket-key: x'],
  ...['origin: null', 'origin: https://evil.example.org', 'origin: \xff', 'origin: http://127.0.0.1', 'host: other'],
  ...['access-control-request-method: POST', 'authorization: Bearer x', 'authorization: \xff', 'x-api-key: x'],
  ...[
    'expect: 100-continue',
    'expect: nothing',
    'accept: image/png',
    'accept: \xff',
    'range: bytes=0-1',
    'te: trailers',
  ],
  ...['content-encoding: gzip', 'transfer-encoding: gzip', 'transfer-encoding: chunked, identity', 'cookie: a=\xff'],
  ...[
    'x-forwarded-for: \xff',
    'x-forwarded-host: evil.example.org',
    '__proto__: x',
    'constructor: x',
    ': x',
    'no colon',
  ],
  ...[
    `x-large: ${'x'.repeat(20_000)}`,
    ' folded: x',
    'a\0b: c',
    'x: a\0b',
    'keep-alive: timeout=9',
    'http2-settings: AAMAAABkAAQ',
  ],
];
