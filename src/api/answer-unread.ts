import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Duplex } from 'node:stream';
import { problemOf } from './problem.ts';

// What never becomes a request for a route is answered here, in the form of everything else.

const codes: Readonly<Record<string, readonly [status: number, line: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, '408 Request Timeout', 'the request was not there in time'],
  HPE_HEADER_OVERFLOW: [431, '431 Request Header Fields Too Large', 'the headers are too large'],
};

/** Of bytes that are no HTTP. */
export function answerUnread({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, line, detail] = codes[code] ?? [400, '400 Bad Request', 'this is no HTTP'];
  const body = JSON.stringify(problemOf(status, detail));
  if (!socket.writable) return void socket.destroy();
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    // The other side may never end it.
    () => socket.destroy(),
  );
}

/** Of an address that is none. The connection ends with it: one that asked to become a WebSocket is nobody's any more. */
export function answerUnroutable(
  { statusCode = 400 }: { readonly statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { raw, id } = request;
  reply.raw.once('finish', () => raw.socket.destroySoon());
  const detail = statusCode === 414 ? 'a part of the address is too long' : 'the address is none';
  const body = JSON.stringify(problemOf(statusCode, detail, [], id));
  reply.raw
    .writeHead(statusCode, {
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'x-request-id': id,
      connection: 'close',
    })
    .end(body);
}
