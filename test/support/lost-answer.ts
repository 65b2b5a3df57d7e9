import { connect } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const apiKeys = { Produce: 0 };

/**
 * Sockets for kafkajs, of which one, after `loseNext`, closes at the broker's answer to the next such request, without
 * the client having seen the answer.
 */
export function losesAnAnswer(api: keyof typeof apiKeys): { socketFactory: ISocketFactory; loseNext: () => void } {
  let armed = false;
  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    const write = socket.write.bind(socket);
    return Object.assign(socket, {
      write: (request: Buffer): boolean => {
        // A request begins with its length, four bytes, and the number of its API, two.
        if (armed && request.readInt16BE(4) === apiKeys[api]) {
          armed = false;
          socket.removeAllListeners('data');
          socket.once('data', () => socket.destroy(new Error('the answer was lost')));
        }
        return write(request);
      },
    });
  };
  return {
    socketFactory,
    loseNext: () => {
      armed = true;
    },
  };
}
