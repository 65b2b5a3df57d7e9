import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Exchange {
  /** What came, each a whole response. */
  readonly answers: readonly RawAnswer[];
  /** Who ended it: the server, or whoever waited for long enough. */
  readonly end: 'closed' | 'waits';
  /** Of what came: no response, or not the whole of one. */
  readonly rest: Buffer;
}

/** Sends bytes over a connection of their own, and reads what comes until the server ends it. */
export async function exchange(port: number, bytes: Buffer, isHead: boolean, patienceMs: number): Promise<Exchange> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  let end: Exchange['end'] = 'closed';
  const patience = setTimeout(() => {
    end = 'waits';
    socket.destroy();
  }, patienceMs);
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    patience.refresh();
  });
  // A server may close while it is still being told something.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(patience);
  return { ...answersIn(Buffer.concat(chunks), isHead), end };
}

const startOf = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;
const headerOf = /^([!#$%&'*+.^_`|~\w-]+): ?([\t\x20-\x7e\x80-\xff]*)$/;

/** As RFC 9112 says where each ends; whatever is not by it stays in the rest. */
export function answersIn(bytes: Buffer, isHead: boolean): Pick<Exchange, 'answers' | 'rest'> {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { answers, rest };
    const [start = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(startOf.exec(start)?.[1]);
    const fields = lines.map((line) => headerOf.exec(line));
    if (Number.isNaN(status) || fields.some((field) => field === null)) return { answers, rest };
    const headers = new Map(fields.map((field) => [(field?.[1] ?? '').toLowerCase(), field?.[2] ?? '']));
    const after = rest.subarray(end + 4);
    // Whatever follows a change of protocol is none of HTTP's.
    if (status === 101) return { answers: [...answers, { status, headers, body: after }], rest: Buffer.alloc(0) };
    // Whoever could not read a HEAD does not know that it was one, and says so much of a body.
    const isUnread = !headers.has('x-request-id') && headers.has('content-length');
    const isOfHead = isHead && answers.length === 0 && !isUnread;
    const hasNone = status < 200 || status === 204 || status === 304 || isOfHead;
    const body = hasNone ? { own: Buffer.alloc(0), after } : bodyIn(after, headers);
    if (body === undefined) return { answers, rest };
    if (status >= 200) answers.push({ status, headers, body: body.own });
    rest = body.after;
  }
}

function bodyIn(
  bytes: Buffer,
  headers: RawAnswer['headers'],
): { readonly own: Buffer; readonly after: Buffer } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return chunkedIn(bytes);
  const length = headers.get('content-length');
  // Without a length it ends with the connection.
  const size = length === undefined ? bytes.length : Number(length);
  return size <= bytes.length ? { own: bytes.subarray(0, size), after: bytes.subarray(size) } : undefined;
}

function chunkedIn(bytes: Buffer): ReturnType<typeof bodyIn> {
  const parts: Buffer[] = [];
  let after = bytes;
  for (;;) {
    const line = after.indexOf('\r\n');
    const size = line < 0 ? NaN : parseInt(after.toString('latin1', 0, line), 16);
    if (Number.isNaN(size) || after.length < line + size + 4) return undefined;
    parts.push(after.subarray(line + 2, line + 2 + size));
    after = after.subarray(line + size + 4);
    if (size === 0) return { own: Buffer.concat(parts), after };
  }
}
