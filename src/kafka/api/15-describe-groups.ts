import type { Api } from './api.ts';

export interface DescribedGroup {
  readonly error: number;
  /** `Stable` between two rebalances; only then the members' bytes are there. */
  readonly state: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly member: string;
  readonly clientId: string;
  readonly host: string;
  /** What it said of itself when it joined. */
  readonly metadata: Buffer;
  readonly assignment: Buffer;
}

const none = Buffer.alloc(0);

/** Answers for one group. */
export const describeGroup: Api<string, DescribedGroup | undefined> = {
  key: 15,
  name: 'DescribeGroups',
  versions: { min: 5, max: 5 },
  flexible: true,
  write(out, group) {
    out
      .compactArray([group], (one) => out.compactString(one))
      .bool(false)
      .noTags();
  },
  read(answer) {
    answer.throttle();
    const [found] = answer.compactArray((): DescribedGroup => {
      const error = answer.int16();
      answer.compactString(); // group
      const state = answer.compactString() ?? '';
      answer.compactString(); // protocol type
      answer.compactString(); // protocol
      const members = answer.compactArray((): DescribedMember => {
        const member = answer.compactString() ?? '';
        answer.compactString(); // instance
        const [clientId, host] = [answer.compactString() ?? '', answer.compactString() ?? ''];
        const [metadata, assignment] = [answer.compactBytes() ?? none, answer.compactBytes() ?? none];
        answer.tags();
        return { member, clientId, host, metadata, assignment };
      });
      answer.int32(); // authorised operations
      answer.tags();
      return { error, state, members };
    });
    return found;
  },
};
