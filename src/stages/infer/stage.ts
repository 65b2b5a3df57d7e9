import type { Batch, Lane, Outcome, Records, Rejection, Sent, Stage } from '../../contract/index.ts';
import { checkpointOf, progressFrom, scoringOf, type Progress, type Scoring } from './entity.ts';
import { scoreEntity } from './score.ts';
import type { Settings } from './settings.ts';
import { waitingOf, type Placed } from './waiting.ts';

type Samples = Records['samples'];
type Scores = Records['scores'];
type EntityState = Records['entity-state'];

interface Work {
  readonly scoring: Scoring;
  readonly from: Progress;
  readonly waiting: Placed[];
  /** Behind the last of its records. */
  offset: bigint;
}

/** Scores the samples of each entity in the order of their numbers; entities do not wait for each other. */
export function openInfer(lane: Lane<Settings, EntityState>): Stage<Samples, Scores, EntityState> {
  const { settings, fleet, restored } = lane;
  const inference = lane.ports.inference();
  const sequences = inference.open(lane.opening, settings.requestTimeoutMs);
  const scorings = new Map<string, Scoring>();
  const reached = new Map<string, Progress>();

  const workFor = (key: string): Work | undefined => {
    const entity = fleet.get(key);
    if (entity === undefined) return undefined;
    const metadata = inference.metadata(entity.model);
    let scoring = scorings.get(key);
    if (scoring === undefined) scorings.set(key, (scoring = scoringOf(key, entity, metadata)));
    const from = reached.get(key) ?? progressFrom(restored.get(key), scoring, metadata, settings.warmingSamples);
    return { scoring, from, waiting: [], offset: 0n };
  };

  const process = async ({ records }: Batch<Samples>, signal: AbortSignal) => {
    const reject: Rejection[] = [];
    const works = new Map<string, Work>();
    for (const [record, { value, offset }] of records.entries()) {
      const key = `${value.satellite_id}/${value.entity}`;
      const work = works.get(key) ?? workFor(key);
      if (work === undefined) {
        reject.push({ record, code: 'entity-unknown', detail: `the fleet has no ${key}` });
        continue;
      }
      works.set(key, work);
      work.offset = offset + 1n;
      const problem = problemOf(value, work);
      if (problem === undefined) work.waiting.push({ record, value });
      else reject.push({ record, ...problem });
    }
    const send: Sent<Scores>[] = [];
    const checkpoint = new Map<string, EntityState>();
    const late = settings.late;
    const scored = [...works].map(async ([key, work]) => {
      const { progress, scores, refusals } = await scoreEntity(
        work.scoring,
        work.from,
        waitingOf(work.waiting, work.scoring.sensors),
        {
          sequences,
          late,
          signal,
        },
      );
      return { key, work, progress, scores, refusals };
    });
    for (const { key, work, progress, scores, refusals } of await Promise.all(scored)) {
      for (const value of scores) send.push({ key, value });
      for (const { sample, ...refusal } of refusals) reject.push({ ...refusal, samples: [sample] });
      if (progress === work.from) continue;
      const numbered = progress.numbered ?? work.waiting[0]?.value.indices !== null;
      const now = { ...progress, numbered };
      reached.set(key, now);
      checkpoint.set(key, checkpointOf(work.scoring, now, Number(work.offset)));
    }
    return { send, reject, checkpoint } satisfies Outcome<Scores, EntityState>;
  };
  return { process, close: () => sequences.close() };
}

type Problem = Pick<Rejection, 'code' | 'detail'>;

function problemOf({ values, timestamps, indices }: Samples, { scoring, from, waiting }: Work): Problem | undefined {
  const { key, sensors } = scoring;
  if (values.length !== timestamps.length * sensors)
    return {
      code: 'telemetry-invalid',
      detail: `${key} has ${sensors} sensors; ${values.length} values are not those of ${timestamps.length} samples`,
    };
  const [first] = waiting;
  const numbered = from.numbered ?? (first === undefined ? undefined : first.value.indices !== null);
  if (numbered === undefined || numbered === (indices !== null)) return undefined;
  return {
    code: 'numbering-mixed',
    detail: `${key} is numbered by ${numbered ? 'its source' : 'downlink'}, this record by the other`,
  };
}
