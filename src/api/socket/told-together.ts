import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import type { PlacedEvent } from './event-log.ts';
import type { Wants } from './subscription.ts';

/** Subscribers who asked for the same hear the same bytes. */
export interface Group {
  add(socket: WebSocket): void;
  /** Answers whether nobody is left. */
  remove(socket: WebSocket): boolean;
  hear(event: PlacedEvent): void;
  /** What was heard is sent first. */
  flush(): void;
}

export interface GroupOptions {
  readonly wants: Wants;
  /** Sends to one of them, unless it does not read. */
  readonly send: (socket: WebSocket, frames: Buffer) => void;
}

/** A lone message goes at once; what comes sooner than this after it goes together: a write costs more than what is in it. */
const togetherMs = 100;

export function openGroup({ wants, send }: GroupOptions): Group {
  const sockets = new Set<WebSocket>();
  let waiting: Buffer[] = [];
  let lastSent = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const frames = waiting.length === 1 ? (waiting[0] ?? Buffer.alloc(0)) : Buffer.concat(waiting);
    waiting = [];
    lastSent = performance.now();
    for (const socket of sockets) send(socket, frames);
  };
  return {
    add: (socket) => {
      flush();
      sockets.add(socket);
    },
    remove: (socket) => {
      sockets.delete(socket);
      return sockets.size === 0;
    },
    hear: (event) => {
      if (!wants(event)) return;
      waiting.push(event.frame());
      timer ??= setTimeout(flush, Math.max(0, lastSent + togetherMs - performance.now()));
    },
    flush,
  };
}

/** Past the library, which would make a frame of each for each; it has nothing of its own under way, as nothing is compressed. */
export const writeFrames = (socket: WebSocket, frames: Buffer): void => {
  (socket as unknown as { readonly _socket: Socket })._socket.write(frames);
};
