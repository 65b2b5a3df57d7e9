import type { Api } from '../api/api.ts';
import type { Cluster } from '../cluster.ts';
import type { CoordinatorKind } from '../api/10-find-coordinator.ts';
import { meaningOf, type Meaning, type Step, type Stop } from './answers.ts';
import { persist } from '../persist.ts';

export interface Question<Request, Response> {
  readonly step: Step;
  readonly target: { readonly coordinator: CoordinatorKind; readonly key: string };
  readonly api: Api<Request, Response>;
  readonly request: Request;
  readonly deadline: number;
  readonly errorsOf: (response: Response) => readonly number[];
  /** Hears of every attempt that got no answer: what it did is not known. */
  readonly silent?: () => void;
}

export interface FinalAnswer<Response> {
  readonly meaning: 'done' | Stop;
  readonly error: number;
  readonly response: Response;
}

const passing: readonly Meaning[] = ['done', 'again', 'leader', 'coordinator'];
const isStop = (meaning: Meaning): meaning is Stop => !passing.includes(meaning);

/** Asks a coordinator, whoever it is by then, until the answer is final. */
export function ask<Request, Response>(
  cluster: Cluster,
  { step, target, api, request, deadline, errorsOf, silent }: Question<Request, Response>,
): Promise<FinalAnswer<Response>> {
  const forget = () => {
    cluster.forgetCoordinator(target.coordinator, target.key);
  };
  const attempt = async (): Promise<FinalAnswer<Response> | 'again'> => {
    const response = await cluster.send(target, api, request);
    const answers = errorsOf(response).map((error) => ({ error, meaning: meaningOf(step, error) }));
    if (answers.some(({ meaning }) => meaning === 'coordinator')) forget();
    for (const { error, meaning } of answers) if (isStop(meaning)) return { meaning, error, response };
    return answers.every(({ meaning }) => meaning === 'done') ? { meaning: 'done', error: 0, response } : 'again';
  };
  const noAnswer = () => {
    forget();
    silent?.();
  };
  return persist(`${api.name} for ${target.key}`, deadline, attempt, noAnswer);
}
