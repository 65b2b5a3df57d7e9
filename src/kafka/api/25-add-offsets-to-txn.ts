import type { Producer } from './22-init-producer-id.ts';
import type { Api } from './api.ts';

export interface AddOffsetsRequest {
  readonly transactionalId: string;
  readonly producer: Producer;
  readonly group: string;
}

/** Answers an error. */
export const addOffsetsToTxn: Api<AddOffsetsRequest, number> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: { min: 3, max: 3 },
  flexible: true,
  write(out, { transactionalId, producer, group }) {
    out.compactString(transactionalId).int64(producer.id).int16(producer.epoch).compactString(group).noTags();
  },
  read(answer) {
    answer.throttle();
    return answer.int16();
  },
};
