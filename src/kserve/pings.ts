import { constants, type Http2Session, type ServerHttp2Session } from 'node:http2';

const mostPings = 2;
const withinMs = 300_000;

interface Pings {
  count: number;
  since: number;
}

const pings = new WeakMap<Http2Session, Pings>();

/** As gRPC servers do, and so as clients know it from Triton: who keeps an idle connection awake too often is sent away. */
export function endAtTooManyPings(session: ServerHttp2Session): void {
  const seen: Pings = { count: 0, since: 0 };
  pings.set(session, seen);
  session.on('ping', () => {
    const now = performance.now();
    if (now - seen.since > withinMs) Object.assign(seen, { count: 0, since: now });
    if (++seen.count <= mostPings) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    session.destroy();
  });
}

/** A connection on which something is sent is not idle. */
export function noteSent(session: Http2Session | undefined): void {
  const seen = session && pings.get(session);
  if (seen !== undefined) seen.count = 0;
}
