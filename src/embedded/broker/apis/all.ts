import { produce } from './00-produce.ts';
import { fetch } from './01-fetch.ts';
import { listOffsets } from './02-list-offsets.ts';
import { metadata } from './03-metadata.ts';
import { offsetCommit } from './08-offset-commit.ts';
import { offsetFetch } from './09-offset-fetch.ts';
import { findCoordinator } from './10-find-coordinator.ts';
import { joinGroup } from './11-join-group.ts';
import { heartbeat } from './12-heartbeat.ts';
import { leaveGroup } from './13-leave-group.ts';
import { syncGroup } from './14-sync-group.ts';
import { describeGroups } from './15-describe-groups.ts';
import { listGroups } from './16-list-groups.ts';
import { saslHandshake } from './17-sasl-handshake.ts';
import { apiVersionsOf } from './18-api-versions.ts';
import { createTopics } from './19-create-topics.ts';
import { deleteTopics } from './20-delete-topics.ts';
import { deleteRecords } from './21-delete-records.ts';
import { initProducerId } from './22-init-producer-id.ts';
import { offsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts';
import { addPartitionsToTxn } from './24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from './25-add-offsets-to-txn.ts';
import { endTxn } from './26-end-txn.ts';
import { txnOffsetCommit } from './28-txn-offset-commit.ts';
import { describeConfigs } from './32-describe-configs.ts';
import { alterConfigs } from './33-alter-configs.ts';
import { describeLogDirs } from './35-describe-log-dirs.ts';
import { saslAuthenticate } from './36-sasl-authenticate.ts';
import { createPartitions } from './37-create-partitions.ts';
import { deleteGroups } from './42-delete-groups.ts';
import { incrementalAlterConfigs } from './44-incremental-alter-configs.ts';
import { offsetDelete } from './47-offset-delete.ts';
import { describeCluster } from './60-describe-cluster.ts';
import { describeProducers } from './61-describe-producers.ts';
import { describeTransactions } from './65-describe-transactions.ts';
import { listTransactions } from './66-list-transactions.ts';
import { asAny, type AnyApi } from './api.ts';

const others: readonly AnyApi[] = [
  asAny(produce),
  asAny(fetch),
  asAny(listOffsets),
  asAny(metadata),
  asAny(offsetCommit),
  asAny(offsetFetch),
  asAny(findCoordinator),
  asAny(joinGroup),
  asAny(heartbeat),
  asAny(leaveGroup),
  asAny(syncGroup),
  asAny(describeGroups),
  asAny(listGroups),
  asAny(saslHandshake),
  asAny(createTopics),
  asAny(deleteTopics),
  asAny(deleteRecords),
  asAny(initProducerId),
  asAny(offsetForLeaderEpoch),
  asAny(addPartitionsToTxn),
  asAny(addOffsetsToTxn),
  asAny(endTxn),
  asAny(txnOffsetCommit),
  asAny(describeConfigs),
  asAny(alterConfigs),
  asAny(describeLogDirs),
  asAny(saslAuthenticate),
  asAny(createPartitions),
  asAny(deleteGroups),
  asAny(incrementalAlterConfigs),
  asAny(offsetDelete),
  asAny(describeCluster),
  asAny(describeProducers),
  asAny(describeTransactions),
  asAny(listTransactions),
];

/** What can be asked, by its number. */
export const apis: ReadonlyMap<number, AnyApi> = new Map(
  [...others, asAny(apiVersionsOf(others))].map((api) => [api.key, api]),
);
