import type { RecordBatch, RecordView } from '../../kafka/records/batches.ts';
import { instant } from '../instant.ts';

/** Undefined: its producer gave it none. */
export const timeOf = ({ timestamp }: RecordView): string | undefined =>
  timestamp === -1 ? undefined : instant(timestamp);

/** In Kafka's own words: when the record was made, or when the broker took it. */
export const timeKind = ({ appendTime }: RecordBatch): string => (appendTime ? 'LogAppendTime' : 'CreateTime');
