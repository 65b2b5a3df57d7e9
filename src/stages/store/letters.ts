import type { Incoming, Row } from '../../contract/index.ts';
import { storing, type Source } from './storing.ts';

type Letter = Buffer | null;

/** Whoever may write to the topic may write anything: what is no letter of ours is kept all the same, without a reason. */
export const storeLetters = storing<Letter>({
  name: 'store-letters',
  about: 'Writes to PostgreSQL what was rejected, with the reason.',
  reads: [],
  readsLetters: true,
  tables: ['dead_letters'],
  rowsOf: (record, from) => [letterRow(record, from)],
});

function letterRow(record: Incoming<Letter>, { topic, partition }: Source): Row {
  const { key, value, offset, timestamp } = record;
  const said = (name: string): string | null => record.header?.(`downlink.${name}`) ?? null;
  return {
    table: 'dead_letters',
    columns: {
      ...{ topic, partition, record_offset: offset, recorded_at: timestamp, key, value },
      code: said('code'),
      phase: said('phase'),
      stage: said('stage'),
      origin_topic: said('topic'),
      origin_partition: int32Of(said('partition')),
      origin_offset: int64Of(said('offset')),
      samples: said('samples'),
      detail: said('detail'),
    },
  };
}

const int32Of = (text: string | null): number | null => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : null);
const int64Of = (text: string | null): bigint | null => (/^\d{1,18}$/.test(text ?? '') ? BigInt(text ?? '') : null);
