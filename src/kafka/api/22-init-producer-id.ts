import type { Api } from './api.ts';

export interface Producer {
  readonly id: bigint;
  readonly epoch: number;
}

export const nobody: Producer = { id: -1n, epoch: -1 };

export interface InitProducerIdRequest {
  /** null: an idempotent producer without transactions. */
  readonly transactionalId: string | null;
  readonly timeoutMs: number;
  /** The own id and epoch to resume; `nobody` to fence whoever has the transactional id. */
  readonly producer: Producer;
}

export const initProducerId: Api<InitProducerIdRequest, { readonly error: number; readonly producer: Producer }> = {
  key: 22,
  name: 'InitProducerId',
  versions: { min: 3, max: 5 },
  flexible: true,
  write(out, { transactionalId, timeoutMs, producer }) {
    out.compactString(transactionalId).int32(timeoutMs).int64(producer.id).int16(producer.epoch).noTags();
  },
  read(answer) {
    answer.throttle();
    return { error: answer.int16(), producer: { id: answer.int64(), epoch: answer.int16() } };
  },
};
