import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { ApiLimits, ApiParts } from '../parts.ts';
import { Refused } from '../problem.ts';
import { subscribeMessage, wantsOf, type Subscribe, type Wants } from './subscription.ts';

// RFC 6455 and its registry: try again later; the policy of whoever serves; text that is none.
const [tryLater, tooSlow, unsupported] = [1013, 1008, 1003] as const;
const pingEveryMs = 30_000;
const mostMistakes = 20;
const goneAfterMs = 10_000;

/** One subscriber. */
interface Listener {
  readonly socket: WebSocket;
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

  const send = (listener: Listener, text: Buffer | string): void => {
    const { socket } = listener;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount <= limits.bufferedBytes) return socket.send(text, { binary: false });
    listeners.delete(listener);
    socket.close(tooSlow, 'reads too slowly; connect again and go on after the last id');
    // It may not read that either.
    setTimeout(() => socket.terminate(), goneAfterMs).unref();
  };
  const say = (listener: Listener, message: object): void => send(listener, JSON.stringify(message));

  const unlisten = events.listen((event) => {
    for (const listener of listeners) if (listener.wants(event)) send(listener, event.text());
  });
  const pinging = setInterval(() => {
    for (const listener of listeners) {
      if (!listener.alive) listener.socket.terminate();
      listener.alive = false;
      listener.socket.ping();
    }
  }, pingEveryMs);
  pinging.unref();
  app.addHook('onClose', (_, done) => {
    clearInterval(pinging);
    unlisten();
    for (const { socket } of listeners) socket.close(tryLater, 'the server ends; connect again');
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
      const listener: Listener = { socket, wants: () => false, alive: true, mistakes: 0 };
      listeners.add(listener);
      const wrong = (detail: string, field?: string): void => {
        listener.mistakes += 1;
        if (listener.mistakes > mostMistakes) socket.close(tooSlow, 'too many messages that are wrong');
        else say(listener, { type: 'error', detail, ...(field === undefined ? {} : { field }) });
      };
      socket.on('error', () => undefined);
      socket.on('close', () => listeners.delete(listener));
      socket.on('pong', () => (listener.alive = true));
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) return socket.close(unsupported, 'messages are JSON in text');
        const message = parsed(data);
        if (!check(message)) {
          const [first] = check.errors ?? [];
          return wrong(`no message of this kind: ${first?.message ?? 'it is no JSON'}`, first?.instancePath.slice(1));
        }
        listener.wants = wantsOf(caller, message);
        const missed = message.after === undefined ? undefined : events.after(message.after);
        if (message.after !== undefined && missed === undefined) return wrong('this is no id', 'after');
        say(listener, { type: 'subscribed', id: message.after ?? events.now });
        if (missed?.gap === true)
          say(listener, {
            type: 'gap',
            detail: 'some of what was told since is not kept any more; ask for the results',
          });
        for (const event of missed?.events ?? []) if (listener.wants(event)) send(listener, event.text());
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
