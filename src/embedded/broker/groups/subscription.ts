import { Malformed, Reading } from '../codec.ts';
import { metadataOf, type Member } from './member.ts';

export const consumers = 'consumer';

/** What consumers read, as far as they say it in Kafka's own form: version i16, [topic], and more. Undefined: nobody knows. */
export function subscribedTopics(
  protocolType: string | null,
  protocol: string | null,
  members: readonly Member[],
): ReadonlySet<string> | undefined {
  if (protocolType !== consumers) return undefined;
  try {
    return new Set(
      members.flatMap((member) => {
        const from = new Reading(metadataOf(member, protocol), false);
        from.int16();
        return from.array(() => from.string());
      }),
    );
  } catch (thrown) {
    if (thrown instanceof Malformed) return undefined;
    throw thrown;
  }
}
