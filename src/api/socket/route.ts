import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from '@fastify/websocket';
import type { ApiLimits, ApiParts } from '../parts.ts';
import { Refused } from '../problem.ts';
import { frameOf } from './frame-of.ts';
import { openGroup, writeFrames, type Group } from './told-together.ts';
import { subscribeMessage, wantsOf, type Subscribe, type Wants } from './subscription.ts';

// RFC 6455 and its registry: try again later; the policy of whoever serves; text that is none.
const [tryLater, tooSlow, unsupported] = [1013, 1008, 1003] as const;
const pingEveryMs = 30_000;
const mostMistakes = 20;
const goneAfterMs = 10_000;
const lookMs = 10;
const farewellMs = 1_000;
const gapText = 'some of what was told since is not kept any more; ask for the results';

/** One subscriber. */
interface Listener {
  readonly socket: WebSocket;
  group: Group | undefined;
  wants: Wants;
  alive: boolean;
  mistakes: number;
}

const check = new Ajv({ allErrors: true }).compile<Subscribe>(subscribeMessage);

/** Subscribers hear of what is committed. Nothing is kept for one who does not read: it is told to come back, and from where. */
export function socketRoute(
  app: FastifyInstance,
  { events }: ApiParts,
  limits: ApiLimits,
  origins: readonly string[],
): void {
  const listeners = new Set<Listener>();
  const groups = new Map<string, Group>();

  const send = (socket: WebSocket, frames: Buffer): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount <= limits.bufferedBytes) writeFrames(socket, frames);
    else closeSlow(socket);
  };
  const say = ({ socket }: Listener, message: object): void =>
    send(socket, frameOf(Buffer.from(JSON.stringify(message))));

  const leave = (listener: Listener): void => {
    const { group } = listener;
    listener.group = undefined;
    if (group?.remove(listener.socket) !== true) return;
    for (const [name, one] of groups) if (one === group) groups.delete(name);
  };
  const join = (listener: Listener, name: string): void => {
    const group = groups.get(name) ?? openGroup({ wants: listener.wants, send });
    groups.set(name, group);
    listener.group = group;
    group.add(listener.socket);
  };

  /** What it missed, as fast as it reads; then it is one of those who hear the same. */
  const catchUp = (listener: Listener, after: string, name: string, patience = goneAfterMs): void => {
    const { socket, wants } = listener;
    if (socket.readyState !== socket.OPEN) return;
    const most = limits.bufferedBytes / 2;
    if (patience <= 0) return closeSlow(socket);
    let last = after;
    let isAll = true;
    for (const event of events.after(after)?.events ?? []) {
      isAll = socket.bufferedAmount <= most;
      if (!isAll) break;
      last = event.id;
      if (wants(event)) send(socket, event.frame());
    }
    if (isAll) return join(listener, name);
    const isStuck = last === after;
    setTimeout(() => {
      if (listener.wants === wants) catchUp(listener, last, name, isStuck ? patience - lookMs : goneAfterMs);
    }, lookMs).unref();
  };

  const unlisten = events.listen((event) => {
    for (const group of groups.values()) group.hear(event);
  });
  const pinging = setInterval(() => {
    for (const listener of listeners) {
      if (!listener.alive) listener.socket.terminate();
      listener.alive = false;
      listener.socket.ping();
    }
  }, pingEveryMs);
  pinging.unref();
  // Before the server waits for its connections to end.
  app.addHook('preClose', (done) => {
    clearInterval(pinging);
    unlisten();
    for (const { socket } of listeners) {
      socket.close(tryLater, 'the server ends; connect again');
      setTimeout(() => socket.terminate(), farewellMs).unref();
    }
    done();
  });

  app.get(
    '/ws',
    {
      websocket: true,
      config: { scope: 'read' },
      schema: { hide: true },
      preValidation: ({ headers: { origin, host } }, _, done) => {
        // Browsers let every page connect, and send along what they have.
        const isForeign = origin !== undefined && !origins.includes(origin) && hostOf(origin) !== host;
        if (isForeign) return done(new Refused(403, 'this origin is not allowed'));
        done(listeners.size < limits.sockets ? undefined : new Refused(503, `${limits.sockets} subscribers are all`));
      },
    },
    (socket, { caller }) => {
      const listener: Listener = { socket, group: undefined, wants: () => false, alive: true, mistakes: 0 };
      listeners.add(listener);
      const wrong = (detail: string, field?: string): void => {
        listener.mistakes += 1;
        if (listener.mistakes > mostMistakes) socket.close(tooSlow, 'too many messages that are wrong');
        else say(listener, { type: 'error', detail, ...(field === undefined ? {} : { field }) });
      };
      socket.on('error', () => undefined);
      socket.on('close', () => {
        listeners.delete(listener);
        leave(listener);
      });
      socket.on('pong', () => (listener.alive = true));
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) return socket.close(unsupported, 'messages are JSON in text');
        const message = parsed(data);
        if (!check(message)) {
          const [first] = check.errors ?? [];
          return wrong(`no message of this kind: ${first?.message ?? 'it is no JSON'}`, first?.instancePath.slice(1));
        }
        const { after, ...asked } = message;
        const missed = after === undefined ? undefined : events.after(after);
        if (after !== undefined && missed === undefined) return wrong('this is no id', 'after');
        leave(listener);
        listener.wants = wantsOf(caller, message);
        say(listener, { type: 'subscribed', id: after ?? events.now });
        if (missed?.gap === true) say(listener, { type: 'gap', detail: gapText });
        const name = JSON.stringify([caller.name, [...caller.scopes], asked]);
        if (after === undefined) join(listener, name);
        else catchUp(listener, after, name);
      });
    },
  );
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

function closeSlow(socket: WebSocket): void {
  socket.close(tooSlow, 'reads too slowly; connect again and go on after the last id');
  // It may not read that either.
  setTimeout(() => socket.terminate(), goneAfterMs).unref();
}
