import { apis } from '../../src/embedded/broker/apis/all.ts';
import { seeded } from '../support/random.ts';
import { openRawClient, rawRequest, sized, type RawClient } from '../support/raw-client.ts';
import { inventedBody } from './invented-request.ts';
import { mutated } from './mutate.ts';

/** By it the answer to what is asked behind a request is known. */
const behind = 0x5eed5eed;
const question = rawRequest(18, 0, Buffer.alloc(0), behind);
/** No broker thinks for so long; it may wait for what others do. */
const patienceMs = 250;
const connections = 24;

/** A request of any API in any version, somewhere damaged; seldom in its size, where all would end alike. */
function damaged(random: () => number): Buffer {
  const all = [...apis.values()];
  const api = all[Math.floor(random() * all.length)] as (typeof all)[number];
  const { min, max } = api.served;
  const version = min + Math.floor(random() * (max - min + 1));
  const whole = rawRequest(api.key, version, inventedBody(api, version, random), 7);
  if (random() < 0.05) return mutated(whole, random);
  if (random() < 0.2) return sized(mutated(whole.subarray(4), random));
  const header = rawRequest(api.key, version, Buffer.alloc(0), 7).length;
  return sized(Buffer.concat([whole.subarray(4, header), mutated(whole.subarray(header), random)]));
}

/** Sends a broker damaged requests; how often each outcome came: `answered`, `closed`, `waits`, or what must not be. */
export async function fuzzBroker(address: string, seed: number, count: number): Promise<ReadonlyMap<string, number>> {
  const random = seeded(seed);
  const outcomes = new Map<string, number>();
  let sent = 0;
  const work = async (): Promise<void> => {
    let client: RawClient | undefined;
    while (sent < count) {
      sent += 1;
      const request = damaged(random);
      client ??= await openRawClient(address);
      const outcome = await outcomeOf(client, request);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === 'answered') continue;
      client.end();
      client = undefined;
    }
    client?.end();
  };
  await Promise.all(Array.from({ length: connections }, work));
  return outcomes;
}

async function outcomeOf(client: RawClient, request: Buffer): Promise<string> {
  // With its size damaged it may be two, or the beginning of one.
  const isOne = request.length >= 12 && request.readInt32BE(0) === request.length - 4;
  let patience: NodeJS.Timeout | undefined;
  const waited = new Promise<'waits'>((resolve) => {
    patience = setTimeout(resolve, patienceMs, 'waits');
  });
  try {
    client.send(request, question);
    for (let answers = 0; ; answers++) {
      const answer = await Promise.race([client.answer(), waited]);
      if (answer === 'waits') return 'waits';
      if (answer === undefined) return 'closed';
      const of = answer.length < 4 ? undefined : answer.readInt32BE(0);
      if (of === behind) return 'answered';
      if (isOne && (answers > 0 || of !== request.readInt32BE(8)))
        return `answered ${answer.toString('hex', 0, 40)} to ${request.toString('hex')}`;
    }
  } finally {
    clearTimeout(patience);
  }
}
