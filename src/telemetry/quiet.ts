import type { Event } from './events.ts';
import { inWords, remedyOf, type Line } from './line.ts';

interface Trouble {
  readonly since: number;
  attempts: number;
  pauseMs: number;
  steady: boolean;
}

interface Refused {
  readonly partition: number;
  readonly code: string;
  since: number;
  records: number;
}

/** Of what is refused again and again there is a line no more often. */
const everyMs = 10_000;

/**
 * What comes in floods, in few lines. Of a lane that tries again: the first attempt, the one from which on the pause grows no
 * more, and that it is over. Of refused records: the first of a partition and code, then how many there were since.
 */
export function openQuiet(now: () => number): (event: Event) => readonly Line[] {
  const troubles = new Map<string, Trouble>();
  const refusals = new Map<string, Refused>();

  const trying = (event: Extract<Event, { event: 'retrying' | 'waiting' }>): readonly Line[] => {
    const { event: name, stage, error, pauseMs } = event;
    const where = event.event === 'retrying' ? { stage, partition: event.partition } : { stage };
    const key = keyOf(where);
    const known = troubles.get(key);
    const trouble = known ?? { since: now(), attempts: 0, pauseMs: 0, steady: false };
    troubles.set(key, trouble);
    trouble.attempts += 1;
    const steady = trouble.pauseMs === pauseMs;
    trouble.pauseMs = pauseMs;
    if (known !== undefined && (trouble.steady || !steady)) return [];
    trouble.steady = steady;
    return [{ level: 'warn', event: name, ...where, ...inWords(error), attempts: trouble.attempts, pauseMs }];
  };
  const over = (where: { stage: string; partition?: number }): readonly Line[] => {
    if (troubles.size === 0) return [];
    const key = keyOf(where);
    const trouble = troubles.get(key);
    if (trouble === undefined) return [];
    troubles.delete(key);
    return [{ level: 'info', event: 'recovered', ...where, attempts: trouble.attempts, ms: now() - trouble.since }];
  };

  const refuse = ({ stage, partition, code, records }: Extract<Event, { event: 'rejected' }>): readonly Line[] => {
    const key = `${stage} ${partition} ${code}`;
    const known = refusals.get(key);
    if (known !== undefined) {
      known.records += records;
      return said(stage, known, false);
    }
    const refused = { partition, code, since: now(), records };
    refusals.set(key, refused);
    return said(stage, refused, true);
  };
  const said = (stage: string, refused: Refused, atOnce: boolean): readonly Line[] => {
    if (refused.records === 0 || (!atOnce && now() - refused.since < everyMs)) return [];
    const { partition, code, records } = refused;
    refused.records = 0;
    refused.since = now();
    return [{ level: 'warn', event: 'rejected', stage, partition, code, records, remedy: remedyOf(code) ?? '' }];
  };
  /** Of a stage, what was refused and not said yet: when it is time, or the lane goes. */
  const rest = (stage: string, lane?: number): readonly Line[] =>
    refusals.size === 0
      ? []
      : [...refusals]
          .filter(([key]) => key.startsWith(`${stage} `))
          .flatMap(([, refused]) => (lane === undefined || lane === refused.partition ? [refused] : []))
          .flatMap((refused) => said(stage, refused, lane !== undefined));

  return (event) => {
    switch (event.event) {
      case 'retrying':
      case 'waiting':
        return trying(event);
      case 'rejected':
        return refuse(event);
      case 'turn':
        return over({ stage: event.stage, partition: event.partition });
      case 'committed':
        return rest(event.stage);
      case 'lane-closed':
        if (event.why === 'revoked') troubles.delete(keyOf(event));
        return rest(event.stage, event.partition);
      case 'generation':
        return over({ stage: event.stage });
      default:
        return [];
    }
  };
}

const keyOf = ({ stage, partition }: { readonly stage: string; readonly partition?: number }): string =>
  `${stage} ${partition ?? ''}`;
