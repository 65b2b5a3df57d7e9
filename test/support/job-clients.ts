import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

interface Told {
  readonly type: string;
  readonly id: string;
  readonly job_id: string;
}

/** Submits one job until it is taken, with the same key each time; answers its id. */
export async function submitted(api: string, key: string, payload: object): Promise<string> {
  for (;;) {
    try {
      const answer = await fetch(`${api}/api/v1/inference/submit`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(payload),
        signal: AbortSignal.timeout(15_000),
      });
      if (answer.status === 202) return ((await answer.json()) as { job_id: string }).job_id;
      if (answer.status !== 503 && answer.status !== 429)
        throw new TypeError(`the API answers ${answer.status}: ${await answer.text()}`);
    } catch (thrown) {
      // Nobody is there just now, or somebody went away in the middle.
      if (thrown instanceof TypeError && thrown.message.startsWith('the API')) throw thrown;
    }
    await delay(100);
  }
}

export interface Subscriber {
  /** How often it was told of each job. */
  readonly heard: ReadonlyMap<string, number>;
  readonly gaps: () => number;
  close(): void;
}

/** Hears of all jobs; where the connection ends it comes back with the last id that it was told. */
export function subscribe(api: string): Subscriber {
  const heard = new Map<string, number>();
  let [last, gaps, closed] = ['', 0, false];
  let socket: WebSocket | undefined;
  const connect = (): void => {
    const own = new WebSocket(`${api.replace('http', 'ws')}/ws`);
    socket = own;
    own.on('open', () => {
      own.send(JSON.stringify({ type: 'subscribe', jobs: 'all', after: last }));
    });
    own.on('message', (data: Buffer) => {
      const told = JSON.parse(data.toString()) as Told;
      if (told.type === 'gap') gaps += 1;
      if (told.type !== 'job') return;
      last = told.id;
      heard.set(told.job_id, (heard.get(told.job_id) ?? 0) + 1);
    });
    own.on('error', () => undefined);
    own.on('close', () => {
      if (!closed) setTimeout(connect, 50);
    });
  };
  connect();
  return {
    heard,
    gaps: () => gaps,
    close: () => {
      closed = true;
      socket?.terminate();
    },
  };
}

/** Of each model one in three, of other lengths. */
export function jobOf(number: number): object {
  const data = Array.from({ length: 8 + (number % 120) }, (_, at) => number + Math.sin(at) + 0.1 * at);
  const model = ['lstm_timeseries', 'transformer_timeseries', 'vae_timeseries'][number % 3] ?? '';
  return model === 'vae_timeseries'
    ? { model_name: model, data }
    : { model_name: model, data, config: { forecast_steps: 5 } };
}

/** So many at a time. */
export async function inTurns(count: number, atOnce: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
