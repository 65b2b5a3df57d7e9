import { produce } from '../api/00-produce.ts';
import { endTxn } from '../api/26-end-txn.ts';
import { txnOffsetCommit } from '../api/28-txn-offset-commit.ts';
import type { Api } from '../api/api.ts';
import type { Cluster, Target } from '../cluster.ts';

/** How transactions are spoken: KIP-890 (`v2`) where the cluster has agreed on it, else as before it. */
export type Form = 'v2' | 'classic';

/** A broker takes the form from the version of the request, so in the classic form these are the newest that may be sent. */
const classic = new Map([
  [produce.key, 11],
  [txnOffsetCommit.key, 4],
  [endTxn.key, 4],
]);

export function inForm<Request, Response>(api: Api<Request, Response>, form: Form | undefined): Api<Request, Response> {
  const max = classic.get(api.key);
  return form === 'v2' || max === undefined ? api : { ...api, versions: { min: api.versions.min, max } };
}

/** As the broker of the coordinator had it when it was connected to. Undefined where nobody answers now. */
export async function formOf(cluster: Cluster, coordinator: Target): Promise<Form | undefined> {
  const link = await cluster.linkTo(coordinator).catch(() => undefined);
  if (link === undefined) return undefined;
  const agreed = (link.supported.features.get('transaction.version') ?? 0) >= 2;
  const spoken = [produce, txnOffsetCommit, endTxn].every((api) => link.versionOf(api) === api.versions.max);
  return agreed && spoken ? 'v2' : 'classic';
}
