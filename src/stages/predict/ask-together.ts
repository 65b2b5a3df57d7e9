import type { Answer, Inference, Records, Tensor, Tensors } from '../../contract/index.ts';
import { classify } from '../../errors.ts';
import { ended } from './ended.ts';
import type { Prepared, Ready } from './prepare.ts';

type JobResult = Records['job-result'];
type Rows = Prepared['rows'];

interface Asking {
  readonly inference: Pick<Inference, 'ask'>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Jobs of one model and shape in one call. Where that is refused each half is asked, so that none fails for another's sake, nor
 * because there are too many rows for the model.
 */
export async function askTogether(jobs: readonly Ready[], asking: Asking): Promise<readonly JobResult[]> {
  const model = jobs[0]?.job.model ?? '';
  const { inference, timeoutMs, signal } = asking;
  let answer: Answer;
  try {
    answer = await inference.ask({ model, inputs: tensorsOf(jobs), timeoutMs }, signal);
  } catch (thrown) {
    const { code, detail } = classify(thrown);
    // Whatever else it is, waiting mends it.
    if (code !== 'inference-refused' && code !== 'model-unusable') throw thrown;
    const [first, ...others] = jobs;
    if (first !== undefined && others.length === 0) return [ended(first.job, 'failed', detail)];
    const half = Math.ceil(jobs.length / 2);
    const halves = [jobs.slice(0, half), jobs.slice(half)];
    return (await Promise.all(halves.map((some) => askTogether(some, asking)))).flat();
  }
  let at = 0;
  return jobs.map((one) => {
    const count = one.prepared.rows.length;
    const rows = rowsOf(answer, at, count, jobs);
    at += count;
    return resultOf(one, rows, answer, jobs.length);
  });
}

function resultOf({ job, prepared }: Ready, rows: Rows, { version, ms }: Answer, together: number): JobResult {
  const answered = prepared.answer(rows);
  const asked = { model_version: version, inference_ms: ms, batch_size: together };
  const isNumber = [answered.predictions, answered.lower, answered.upper, answered.scores].every((numbers) =>
    numbers.every(Number.isFinite),
  );
  if (!isNumber) return { ...ended(job, 'failed', `${job.model} answers what is no finite number`), ...asked };
  return { ...ended(job, 'failed'), status: 'completed', ...answered, ...asked };
}

function tensorsOf(jobs: readonly Ready[]): Tensors {
  const rows = jobs.flatMap(({ prepared }) => prepared.rows);
  const [first] = jobs;
  return Object.fromEntries(
    Object.entries(first?.prepared.shapes ?? {}).map(([name, shape]): [string, Tensor] => {
      const width = shape.reduce((product, length) => product * length, 1);
      const isDouble = rows[0]?.[name] instanceof Float64Array;
      const data = isDouble ? new Float64Array(rows.length * width) : new Float32Array(rows.length * width);
      for (const [at, row] of rows.entries()) data.set(row[name] ?? [], at * width);
      return [name, { shape: [rows.length, ...shape], data }];
    }),
  );
}

/** Of each output the numbers of so many rows. */
function rowsOf({ outputs }: Answer, first: number, count: number, jobs: readonly Ready[]): Rows {
  const all = jobs.reduce((sum, { prepared }) => sum + prepared.rows.length, 0);
  return Array.from({ length: count }, (_, at) =>
    Object.fromEntries(
      Object.entries(outputs).flatMap(([name, { data }]) => {
        const width = data.length / all;
        const from = (first + at) * width;
        return data instanceof Float32Array || data instanceof Float64Array
          ? [[name, data.subarray(from, from + width)] as const]
          : [];
      }),
    ),
  );
}
