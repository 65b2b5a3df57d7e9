import { Agent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface Question {
  readonly method: 'GET' | 'POST';
  /** Behind the server's address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly timeoutMs: number;
}

/** What a server said, or why nothing is known of what it did. */
export type Answer =
  | { readonly status: number; readonly text: string; readonly retryAfter: string | undefined }
  | { readonly failed: string; readonly wasIdle: boolean };

export interface Http {
  /** Never fails: that there is no answer is an answer too. */
  ask(question: Question): Promise<Answer>;
  close(): void;
}

/** One server over connections that are kept. */
export function openHttp(address: string): Http {
  const base = address.replace(/\/+$/, '');
  const secure = base.startsWith('https:');
  const options = { keepAlive: true, maxSockets: 4 };
  const agent = secure ? new SecureAgent(options) : new Agent(options);
  const begin = secure ? secureRequest : plainRequest;

  const ask = ({ method, path, headers = {}, body, timeoutMs }: Question): Promise<Answer> =>
    new Promise((resolve) => {
      const length = body === undefined ? {} : { 'content-length': body.length };
      const asked = begin(`${base}${path}`, { method, agent, headers: { ...headers, ...length } });
      let late = false;
      const deadline = setTimeout(() => {
        late = true;
        asked.destroy();
      }, timeoutMs);
      const end = (answer: Answer): void => {
        clearTimeout(deadline);
        resolve(answer);
      };
      const fail = (error: Error): void => {
        const failed = late ? `no answer within ${timeoutMs} ms` : wordsOf(error);
        // A server may close a connection that nobody used for a while in the very moment in which it is used again.
        end({ failed, wasIdle: asked.reusedSocket && !late });
      };
      asked.on('error', fail);
      asked.on('response', (response) => {
        textOf(response).then((text) => {
          const { statusCode = 0, headers: told } = response;
          end({ status: statusCode, text, retryAfter: told['retry-after'] });
        }, fail);
      });
      asked.end(body);
    });
  return { ask, close: () => agent.destroy() };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const wordsOf = (error: Error): string => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message === '' ? code || error.name : error.message;
};
