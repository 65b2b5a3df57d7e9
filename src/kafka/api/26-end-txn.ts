import type { Producer } from './22-init-producer-id.ts';
import type { Api } from './api.ts';

export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producer: Producer;
  readonly commit: boolean;
}

// From 5 on the answer holds id and epoch of the next transaction, and a late repeat of this one can do no harm.
export const endTxn: Api<EndTxnRequest, { readonly error: number; readonly next: Producer | undefined }> = {
  key: 26,
  name: 'EndTxn',
  versions: { min: 3, max: 5 },
  flexible: true,
  write(out, { transactionalId, producer, commit }) {
    out.compactString(transactionalId).int64(producer.id).int16(producer.epoch).bool(commit).noTags();
  },
  read(answer, version) {
    answer.throttle();
    const error = answer.int16();
    const next = version >= 5 ? { id: answer.int64(), epoch: answer.int16() } : undefined;
    return { error, next };
  },
};
