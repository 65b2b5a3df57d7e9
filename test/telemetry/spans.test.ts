import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openSpans } from '../../src/telemetry/spans.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
}

const heard: { readonly url: string | undefined; readonly body: string }[] = [];
let collector: Server;
beforeAll(async () => {
  collector = createServer((request, response) => {
    const take = (body: string) => {
      heard.push({ url: request.url, body });
      response.end('{}');
    };
    text(request).then(take, console.error);
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});

const turn = { event: 'turn', stage: 'copy', partition: 3, records: 5, ms: 2 } as const;

test('without an endpoint there are no spans', () => {
  expect(openSpans({})).toBeUndefined();
});

test('a turn is a span of the trace that its records came with, linked to the others', async () => {
  const { port } = collector.address() as AddressInfo;
  const [one, two] = ['a'.repeat(32), 'b'.repeat(32)];
  const traces = [`00-${one}-${'1'.repeat(16)}-01`, `00-${two}-${'2'.repeat(16)}-01`, 'nonsense'];
  const events = [
    { ...turn, traces },
    { ...turn, traces: [] },
  ];
  const child = fork(join(import.meta.dirname, '../support/send-spans.ts'), [JSON.stringify(events)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` },
  });
  await once(child, 'exit');
  expect(heard.map(({ url }) => url)).toEqual(['/v1/traces']);
  const { resourceSpans } = JSON.parse(heard[0]?.body ?? '') as {
    resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
  };
  const [first, second] = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  expect(first).toMatchObject({ name: 'copy process', traceId: one, parentSpanId: '1'.repeat(16) });
  expect(first?.links?.map(({ traceId }) => traceId)).toEqual([two]);
  expect([second?.name, second?.parentSpanId ?? '']).toEqual(['copy process', '']);
});
