import { classify } from '../errors.ts';
import type { Fetcher } from '../kafka/reader/fetcher.ts';
import { readChunks } from '../kafka/reader/read-chunks.ts';
import type { LaneStatus, Status } from './status.ts';

/** So many offsets of a lane are looked at: the share of records among them is taken for that of all. */
const looked = 500;

/** Records a second that each lane, as `<stage> <partition>`, committed between two looks; not of one that nobody can say of. */
export async function laneRates(fetcher: Fetcher, before: Status, now: Status): Promise<ReadonlyMap<string, number>> {
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1000;
  const then = new Map(before.lanes.map((lane) => [keyOf(lane), lane.committed]));
  const rates = new Map<string, number>();
  const measure = async (lane: LaneStatus): Promise<void> => {
    const { topic, partition, committed: to } = lane;
    const from = then.get(keyOf(lane));
    if (from === undefined || to === undefined || !(seconds > 0)) return;
    const [begin, end] = [BigInt(Math.max(from, to - looked)), BigInt(to)];
    let records = 0;
    // Of the offsets between, some are the ends of transactions: with few records in each, nearly as many as these.
    for await (const chunk of readChunks(fetcher, { topic, partition }, begin, end)) {
      for (const { offset } of chunk.records()) if (offset < end) records += 1;
    }
    // What was set back was not done.
    rates.set(keyOf(lane), begin < end ? ((to - from) * (records / Number(end - begin))) / seconds : 0);
  };
  await Promise.all(
    now.lanes.map((lane) =>
      measure(lane).catch((thrown: unknown) => {
        const error = classify(thrown);
        if (error.code !== 'kafka-unavailable' && error.code !== 'position-outside-log') throw error;
      }),
    ),
  );
  return rates;
}

export const keyOf = ({ stage, partition }: Pick<LaneStatus, 'stage' | 'partition'>): string => `${stage} ${partition}`;
