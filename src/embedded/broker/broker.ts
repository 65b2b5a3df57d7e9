import type { Faults } from './faults.ts';
import type { Durability } from './log/durability.ts';
import type { Groups } from './groups/groups.ts';
import type { Room } from './room.ts';
import type { Seldom } from './seldom.ts';
import type { Settings } from './settings.ts';
import type { Topics } from './topics/topics.ts';
import type { Transactions } from './transactions/transactions.ts';

/** All that the APIs work on. */
export interface Broker {
  readonly settings: Settings;
  /** Where clients find it: they connect anew to what they are told. */
  readonly node: { readonly id: number; readonly host: string; readonly port: number };
  readonly clusterId: string;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly transactions: Transactions;
  readonly durability: Durability;
  readonly faults: Faults;
  readonly room: Room;
  /** Notes what happens to connections, of which there are many. */
  readonly seldom: Seldom;
}
