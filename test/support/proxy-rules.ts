/** Kafka's numbers of the requests that tests misbehave with. */
export const apiKeys = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  ApiVersions: 18,
  CreateTopics: 19,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const;

export type ApiName = keyof typeof apiKeys;

export interface Match {
  readonly api: ApiName | number;
  /** Only requests to this broker, as in `127.0.0.1:9092`. */
  readonly broker?: string;
  /** How many such requests are let through before; 0 if not said. */
  readonly after?: number;
  /** How many it happens to; 1 if not said, Infinity for all. */
  readonly times?: number;
}

/**
 * `drop request`: it never reaches the broker, and the connection ends.
 * `lose answer`: the broker has done it, and the connection ends in place of the answer.
 * `cut all`: every connection ends before the request is delivered. `freeze`: as `proxy.freeze()`, the request is held.
 * `holdRequestMs`, `holdAnswerMs`: it and what comes behind it on its connection and in its direction waits so long.
 * `deliverLateMs`: the connection ends at once, and so long afterwards the broker gets the request all the same.
 * `damage`: changes the bytes of the answer where they lie, on their way.
 */
export type Action =
  | 'drop request'
  | 'lose answer'
  | 'cut all'
  | 'freeze'
  | { readonly holdRequestMs: number }
  | { readonly holdAnswerMs: number }
  | { readonly deliverLateMs: number }
  | { readonly damage: (answer: Buffer) => unknown };

export interface Rule {
  /** How often the action was done. */
  readonly hits: number;
  remove(): void;
}

interface Armed {
  readonly key: number;
  readonly match: Match;
  readonly action: Action;
  seen: number;
  hits: number;
}

export const keyOf = (api: ApiName | number): number => (typeof api === 'number' ? api : apiKeys[api]);

export interface RuleBook {
  readonly add: (match: Match, action: Action) => Rule;
  /** What is to happen to this request, which counts from now on as seen. */
  actionFor(key: number, address: string): Action | undefined;
  clear(): void;
}

export function ruleBook(): RuleBook {
  const rules = new Set<Armed>();
  return {
    add: (match, action) => {
      const rule: Armed = { key: keyOf(match.api), match, action, seen: 0, hits: 0 };
      rules.add(rule);
      return {
        get hits() {
          return rule.hits;
        },
        remove: () => void rules.delete(rule),
      };
    },
    actionFor: (key, address) => {
      let due: Armed | undefined;
      for (const rule of rules) {
        const { broker = address, after = 0, times = 1 } = rule.match;
        if (rule.key !== key || broker !== address) continue;
        rule.seen += 1;
        if (rule.seen > after && rule.hits < times) due ??= rule;
      }
      if (due !== undefined) due.hits += 1;
      return due?.action;
    },
    clear: () => {
      rules.clear();
    },
  };
}
