import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SeriesBlock } from '../../contract/index.ts';
import { DownlinkError } from '../../errors.ts';
import { pauseAskedFor, writeFailure } from './failure.ts';
import type { Answer, Http } from './http.ts';
import { openLines } from './lines.ts';

export interface SenderOptions {
  readonly http: Http;
  /** For the message of an error. */
  readonly address: string;
  readonly compress: boolean;
  readonly bodyBytes: number;
  readonly timeoutMs: number;
}

export interface Sent {
  readonly values: number;
  /** On the wire. */
  readonly bytes: number;
  readonly requests: number;
}

/** The cause where a connection that lay idle broke as it was used: nothing speaks against an attempt at once. */
export const brokeWhileIdle = Symbol('broke while idle');

/** Writes blocks, a request after the other; while one is under way the next is made. One at a time may be called. */
export type Send = (blocks: Iterable<SeriesBlock>) => Promise<Sent>;

const squeeze = promisify(gzip);
const path = '/api/v1/import';

export function openSender({ http, address, compress, bodyBytes, timeoutMs }: SenderOptions): Send {
  const lines = openLines(bodyBytes);
  let notBefore = 0;

  const post = async (plain: Buffer): Promise<{ readonly answer: Answer; readonly bytes: number }> => {
    // The fastest level: on lines like these slower ones save little.
    const body = compress ? await squeeze(plain, { level: 1 }) : plain;
    const headers = compress ? { 'content-encoding': 'gzip' } : {};
    const answer = await http.ask({ method: 'POST', path, headers, body, timeoutMs });
    return { answer, bytes: body.length };
  };
  const check = (answer: Answer): void => {
    const failure = writeFailure(address, answer);
    if (failure === undefined) return;
    notBefore = Date.now() + pauseAskedFor(answer, Date.now());
    const isIdle = 'failed' in answer && answer.wasIdle;
    throw isIdle ? new DownlinkError(failure.code, failure.detail, { cause: brokeWhileIdle }) : failure;
  };

  return async (blocks) => {
    const waitMs = notBefore - Date.now();
    if (waitMs > 0)
      throw new DownlinkError('victoria-unavailable', `${address} asked for a pause; it lasts ${waitMs} ms more`);
    let [values, bytes, requests] = [0, 0, 0];
    let underWay: ReturnType<typeof post> | undefined;
    const settle = async (): Promise<void> => {
      if (underWay === undefined) return;
      const { answer, bytes: size } = await underWay;
      check(answer);
      bytes += size;
      requests += 1;
    };
    for (const body of lines.bodies(blocks)) {
      values += body.values;
      await settle();
      underWay = post(body.bytes);
    }
    await settle();
    return { values, bytes, requests };
  };
}
