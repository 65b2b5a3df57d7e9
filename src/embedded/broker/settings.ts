/** How the broker is started. What can be changed while it runs are the settings of its topics. */
export interface Settings {
  /** Its log; one broker at a time. */
  readonly folder: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where clients are told to connect, if not to where it listens. */
  readonly advertised?: { readonly host: string; readonly port: number };
  /** `each`: what is acknowledged is on the disk. A number: it is on the disk so many milliseconds later, and survives the process, not the power. */
  readonly fsync: 'each' | number;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  /** User names and their passwords: with any, clients say who they are (SASL/PLAIN). */
  readonly users?: Readonly<Record<string, string>>;
  readonly maxConnections: number;
  readonly maxRequestBytes: number;
  /** What all connections together may have under way: requests that are not whole, answers that are not read. */
  readonly roomBytes: number;
  /** A connection on which nothing happens for so long is closed. */
  readonly maxIdleMs: number;
  /** How long the first member of a group waits for others. */
  readonly initialRebalanceMs: number;
  readonly note: (line: string) => void;
}

export const defaults = {
  host: '127.0.0.1',
  port: 9092,
  fsync: 1_000,
  autoCreateTopics: true,
  defaultPartitions: 1,
  maxConnections: 2_000,
  maxRequestBytes: 100 * 1024 * 1024,
  roomBytes: 192 * 1024 * 1024,
  maxIdleMs: 600_000,
  initialRebalanceMs: 0,
  note: (): void => undefined,
} as const satisfies Partial<Settings>;
