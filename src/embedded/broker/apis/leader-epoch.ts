import { kafkaError, Refused } from '../errors.ts';

/** Of all partitions, for ever: nobody else ever leads them. */
export const leaderEpoch = 0;

/** What a client believes it to be; -1 where it does not say. */
export function checkLeaderEpoch(believed: number): void {
  if (believed > leaderEpoch)
    throw new Refused(kafkaError.unknownLeaderEpoch, `there is no leader epoch ${believed} yet`);
}
