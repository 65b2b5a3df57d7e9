import { aligned } from '../../pipeline/aligned.ts';
import { openLatencies, type Latencies } from './latencies.ts';
import type { Outcome } from './send-job.ts';

/** What became of the jobs of a simulation, model by model. */
export interface Tally {
  sent(model: string): void;
  accepted(model: string): void;
  ended(model: string, outcome: Outcome): void;
  /** Neither completed nor otherwise ended. */
  readonly underWay: number;
  readonly allCompleted: boolean;
  line(elapsedMs: number): string;
  table(elapsedMs: number): string;
}

type Count = 'sent' | 'accepted' | Outcome['became'];

interface Counted {
  readonly counts: Record<Count, number>;
  readonly latencies: Latencies;
}

const mostReasons = 5;

const none = (): Counted => ({
  counts: { sent: 0, accepted: 0, completed: 0, failed: 0, refused: 0, unanswered: 0 },
  latencies: openLatencies(),
});

export function openTally(models: readonly string[]): Tally {
  const all = none();
  const byModel = new Map(models.map((model) => [model, none()]));
  const reasons = new Map<string, number>();
  const counted = (model: string): readonly Counted[] => [all, byModel.get(model) ?? none()];
  const count = (model: string, what: Count): void => {
    for (const { counts } of counted(model)) counts[what] += 1;
  };
  const perSecond = ({ counts }: Counted, elapsedMs: number): number =>
    elapsedMs > 0 ? (1000 * counts.completed) / elapsedMs : 0;
  const underWay = ({ counts: { sent, completed, failed, refused, unanswered } }: Counted): number =>
    sent - completed - failed - refused - unanswered;
  const cells = (name: string, one: Counted, elapsedMs: number): readonly string[] => {
    const { counts, latencies } = one;
    // What nobody waits for any more has no answer either.
    const numbers = { ...counts, unanswered: counts.unanswered + underWay(one) };
    return [
      name,
      ...Object.values(numbers).map(whole),
      ...[0.5, 0.95, 0.99].map((share) => inMs(latencies.at(share))),
      perSecond(one, elapsedMs).toFixed(1),
    ];
  };
  return {
    sent: (model) => count(model, 'sent'),
    accepted: (model) => count(model, 'accepted'),
    ended: (model, outcome) => {
      count(model, outcome.became);
      if (outcome.became === 'completed') for (const { latencies } of counted(model)) latencies.add(outcome.ms);
      else {
        const reason = `${outcome.became}: ${outcome.why}`;
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    },
    get underWay() {
      return underWay(all);
    },
    get allCompleted() {
      return all.counts.completed === all.counts.sent;
    },
    line: (elapsedMs) => {
      const { sent, completed, failed, refused, unanswered } = all.counts;
      const bad = Object.entries({ failed, refused, unanswered }).flatMap(([what, many]) =>
        many === 0 ? [] : [`${whole(many)} ${what}`],
      );
      const rate = `${perSecond(all, elapsedMs).toFixed(0)}/s`;
      const slow = `P95 ${inMs(all.latencies.at(0.95))} ms`;
      return [
        `${whole(sent)} sent`,
        `${whole(completed)} done`,
        ...bad,
        `${whole(underWay(all))} under way`,
        rate,
        slow,
      ].join(', ');
    },
    table: (elapsedMs) => {
      const head = ['model', ...Object.keys(all.counts), 'P50 ms', 'P95 ms', 'P99 ms', 'jobs/s'];
      const rows = [...byModel].map(([model, one]) => cells(model, one, elapsedMs));
      const lines = aligned([head, ...rows, cells('all', all, elapsedMs)]);
      const often = [...reasons].sort(([, a], [, b]) => b - a);
      const told = often.slice(0, mostReasons).map(([reason, many]) => `${whole(many)} ${reason}`);
      const more = often.length - told.length;
      return `${[...lines, ...told, ...(more > 0 ? [`and for ${more} more reasons`] : [])].join('\n')}\n`;
    },
  };
}

const whole = (value: number): string => value.toLocaleString('en-US');
const inMs = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(value < 10 ? 1 : 0));
