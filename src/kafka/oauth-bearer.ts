import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import type { KafkaConfig } from 'kafkajs';
import { DownlinkError } from '../errors.ts';

const run = promisify(exec);
const tokenWithinMs = 10_000;

/**
 * A login with a bearer token (RFC 7628) in place of kafkajs' own, which takes every answer for a yes: a broker refuses a
 * token in an answer without an error code, and kafkajs would go on until the broker cuts the connection, again and again.
 */
export function oauthBearer(tokenCommand: string): NonNullable<KafkaConfig['sasl']> {
  // Connections that open together share one run.
  let running: Promise<string> | undefined;
  const token = (): Promise<string> =>
    (running ??= tokenFrom(tokenCommand).finally(() => {
      running = undefined;
    }));
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ host, port, saslAuthenticate }) => ({
      authenticate: async () => {
        const message = Buffer.from(`n,,\u0001auth=Bearer ${await token()}\u0001\u0001`);
        const refusal = await saslAuthenticate({
          request: { encode: () => sized(message) },
          // kafkajs hands the broker's bytes on behind their size.
          response: { decode: (answer) => answer.subarray(4), parse: (answer) => answer.toString() },
        });
        if (!refusal) return;
        throw new DownlinkError('kafka-refused', `${host}:${port} refused the token: ${refusal}`);
      },
    }),
  };
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** The token that the command prints. Neither its output nor its text is part of an error: both may hold secrets. */
export async function tokenFrom(command: string): Promise<string> {
  const unavailable = (detail: string) => new DownlinkError('kafka-unavailable', `the token command ${detail}`);
  let output: string;
  try {
    output = (await run(command, { timeout: tokenWithinMs, maxBuffer: 2 ** 20 })).stdout.trim();
  } catch (thrown) {
    const { code, killed } = thrown as { code?: number | string; killed?: boolean };
    throw unavailable(killed ? `did not end within ${tokenWithinMs / 1_000} s` : `failed (${code ?? 'no exit code'})`);
  }
  const token = output.startsWith('{') ? accessToken(output) : output;
  // A token with a space or a line end in it is some other text, such as a message.
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) throw unavailable('printed no token');
  return token;
}

function accessToken(json: string): string | undefined {
  try {
    const { access_token: token } = JSON.parse(json) as { access_token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
