import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { apis } from './apis/all.ts';
import type { AnyApi, Call } from './apis/api.ts';
import { unsupported } from './apis/18-api-versions.ts';
import type { Broker } from './broker.ts';
import { Malformed, Reading, Writing } from './codec.ts';
import type { Fault } from './faults.ts';
import { framesOf } from './frames.ts';
import type { Room } from './room.ts';

const apiVersions = 18;
/** What may be asked before a client has said who it is. */
const open = [apiVersions, 17, 36];

/** One for all: without a reason each abort makes one of its own, which takes longer than the rest of a connection's end. */
const hungUp = Object.assign(new Error('the client is gone'), { name: 'AbortError' });

const produce = 0;
/** Only records are larger. */
const mostOther = 8 * 1024 * 1024;

/**
 * Requests of one client, answered one after the other, as Kafka does: while one waits no other is read, so whoever does not read its
 * answers, or sends faster than is worked, stands still and takes no memory here. What is no request ends the connection.
 */
export async function serve(socket: Socket, broker: Broker): Promise<void> {
  const { settings, room } = broker;
  const gone = new AbortController();
  socket.on('close', () => gone.abort(hungUp));
  // It is told by `close`, too.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  // Neither half a request nor an answer that is not read is kept for ever.
  socket.setTimeout(settings.maxIdleMs, () => socket.destroy());
  const session: Call['session'] = { user: undefined, mechanism: undefined };
  try {
    for await (const frame of framesOf(socket, settings.maxRequestBytes, room)) {
      const answer = await answered(frame, { broker, session, signal: gone.signal, host: socket.remoteAddress ?? '' });
      if (answer === 'cut') break;
      if (answer !== undefined) await send(socket, answer, gone.signal, room);
      if (gone.signal.aborted) break;
    }
  } catch (thrown) {
    if (!(thrown instanceof Malformed) && !isGone(thrown)) broker.seldom('a connection ends', String(thrown));
  } finally {
    socket.destroy();
  }
}

/** The client went away, which is no news. */
function isGone(thrown: unknown): boolean {
  const { syscall, code, name } = Object(thrown) as Readonly<Record<'syscall' | 'code' | 'name', unknown>>;
  return syscall !== undefined || code === 'ERR_STREAM_PREMATURE_CLOSE' || name === 'AbortError';
}

type Client = Pick<Call, 'broker' | 'session' | 'signal' | 'host'>;

async function answered(frame: Buffer, client: Client): Promise<readonly Uint8Array[] | 'cut' | undefined> {
  const { broker, session } = client;
  const header = new Reading(frame, false);
  const [key, version, correlation] = [header.int16(), header.int16(), header.int32()];
  const clientId = header.text() ?? '';
  const api = apis.get(key);
  if (broker.settings.users !== undefined && session.user === undefined && !open.includes(key)) return 'cut';
  if (api === undefined || (frame.length > mostOther && key !== produce)) return 'cut';
  if (version < api.served.min || version > api.served.max)
    return key === apiVersions ? framed(unsupported(), correlation, false) : 'cut';
  const isFlexible = version >= api.flexibleFrom;
  const body = header.rest(isFlexible);
  if (isFlexible) body.tags();
  const request = api.read(body, version);
  if (isFlexible) body.tags();

  await broker.faults.thawed;
  const fault = broker.faults.next(key);
  if (fault?.kind === 'delay') await delay(fault.ms, undefined, { signal: client.signal });
  if (fault?.kind === 'cut before') return 'cut';
  if (fault?.kind === 'error') return wrong(api, fault, { version, correlation, request });
  const response = await api.handle(request, { ...client, version, clientId });
  if (fault?.kind === 'cut after') return 'cut';
  if (response === undefined || fault?.kind === 'lose the answer') return undefined;
  const to = new Writing(isFlexible);
  api.write(to, response, version);
  // Clients read the header of this one before they know what is understood.
  return framed(to, correlation, isFlexible && key !== apiVersions);
}

function wrong(
  api: AnyApi,
  { code }: Extract<Fault, { kind: 'error' }>,
  { version, correlation, request }: { version: number; correlation: number; request: unknown },
): readonly Uint8Array[] | 'cut' {
  if (api.refuse === undefined) return 'cut';
  const to = new Writing(version >= api.flexibleFrom);
  api.write(to, api.refuse(request, code), version);
  return framed(to, correlation, version >= api.flexibleFrom && api.key !== apiVersions);
}

function framed(body: Writing, correlation: number, tagged: boolean): readonly Uint8Array[] {
  const head = Buffer.alloc(tagged ? 9 : 8);
  head.writeInt32BE(body.size + head.length - 4, 0);
  head.writeInt32BE(correlation, 4);
  return [head, ...body.parts()];
}

async function send(socket: Socket, parts: readonly Uint8Array[], signal: AbortSignal, room: Room): Promise<void> {
  socket.cork();
  let isTaken = true;
  for (const part of parts) isTaken = socket.write(part);
  socket.uncork();
  if (isTaken || signal.aborted) return;
  const waiting = socket.writableLength;
  room.take(waiting);
  await new Promise<void>((resolve) => {
    const over = (): void => {
      socket.off('drain', over);
      signal.removeEventListener('abort', over);
      resolve();
    };
    socket.on('drain', over);
    signal.addEventListener('abort', over);
  });
  room.give(waiting);
}
