import type { TableName } from '../../contract/index.ts';
import { sqlOf, type CellType } from './cells.ts';
import { tables } from './tables.ts';

const columnsOf = (table: TableName): readonly (readonly [string, CellType])[] =>
  Object.entries(tables[table].columns as Readonly<Record<string, CellType>>);

const namesOf = (table: TableName): string =>
  columnsOf(table)
    .map(([name]) => name)
    .join(', ');

/** The rows that are written, each column a parameter: a list of texts. */
function given(table: TableName): string {
  const columns = columnsOf(table);
  const parameters = columns.map((_, at) => `$${at + 1}::text[]`).join(', ');
  const aliases = columns.map((_, at) => `c${at + 1}`).join(', ');
  const values = columns.map(([name, type], at) => `${sqlOf(type, `c${at + 1}`)} as ${name}`).join(', ');
  return `given as (select ${values} from unnest(${parameters}) as texts (${aliases}))`;
}

/**
 * Partitions by time cannot say that an id is there once, wherever it lies. So whoever writes a row of a job takes its id first;
 * whoever finds it taken writes nothing. In the order of the ids, so that two do not wait for each other.
 */
const insertOnce = (table: 'jobs' | 'inference_results', time: string): string => `
with ${given(table)}, mine as (
  insert into job_ids (id, ${time}) select id, ${time} from given order by id
  on conflict (id) do update set ${time} = excluded.${time} where job_ids.${time} is null
  returning id
)
insert into ${table} (${namesOf(table)}) select ${namesOf(table)} from given join mine using (id)`;

const insert = (table: TableName, onConflict: string): string => `
with ${given(table)}
insert into ${table} (${namesOf(table)}) select ${namesOf(table)} from given
on conflict (${tables[table].identity.join(', ')}) do ${onConflict}`;

const update = (table: TableName): string => {
  const identity: readonly string[] = tables[table].identity;
  const others = columnsOf(table).filter(([name]) => !identity.includes(name));
  return `update set ${others.map(([name]) => `${name} = excluded.${name}`).join(', ')}`;
};

const place = (row: string): string =>
  `(array_position(array['opened', 'updated', 'closed'], ${row}.phase), ${row}.last_offset)`;

/** For each table what writes rows to it, whichever of them are there already. */
export const statements: Readonly<Record<TableName, string>> = {
  jobs: insertOnce('jobs', 'submitted_at'),
  job_cancels: `
with ${given('job_cancels')}
update jobs set cancelled_at = given.cancelled_at from given join job_ids using (id)
where jobs.id = given.id and jobs.submitted_at = job_ids.submitted_at
  and jobs.owner = given.owner and jobs.cancelled_at is null`,
  inference_results: insertOnce('inference_results', 'completed_at'),
  // Other weights may have scored a sample anew. What is the same is not written again.
  scores: `${insert('scores', update('scores'))}
where (scores.score, scores.weights) is distinct from (excluded.score, excluded.weights)`,
  // An earlier phase that is written again says less than what is there.
  anomalies: `${insert('anomalies', update('anomalies'))} where ${place('excluded')} >= ${place('anomalies')}`,
  dead_letters: insert('dead_letters', 'nothing'),
};
