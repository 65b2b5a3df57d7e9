import type { Emit } from './events.ts';

/** What a stage of this process still waits for. */
export interface NotReady {
  readonly stage: string;
  readonly why: string;
  readonly partitions?: readonly number[];
}

export interface Readiness {
  readonly listen: Emit;
  /** Empty when every lane that was assigned is restored and consumes. */
  reasons(): readonly NotReady[];
}

interface Seen {
  assigned: readonly number[] | undefined;
  readonly open: Set<number>;
  failed: string | undefined;
}

/** A stage is known from the start: one of which nothing is heard is not ready. */
export function openReadiness(names: readonly string[]): Readiness {
  const fresh = (): Seen => ({ assigned: undefined, open: new Set(), failed: undefined });
  const stages = new Map(names.map((name) => [name, fresh()]));
  const of = (name: string): Seen => {
    const found = stages.get(name) ?? fresh();
    stages.set(name, found);
    return found;
  };

  const listen: Emit = (event) => {
    switch (event.event) {
      case 'generation': {
        const seen = of(event.stage);
        seen.assigned = event.partitions;
        for (const partition of seen.open) if (!event.partitions.includes(partition)) seen.open.delete(partition);
        return;
      }
      case 'lane-opened':
        of(event.stage).open.add(event.partition);
        return;
      case 'lane-closed':
        of(event.stage).open.delete(event.partition);
        return;
      case 'fenced':
        stages.set(event.stage, fresh());
        return;
      case 'failed':
        of(event.stage).failed = event.error.message;
        return;
      default:
    }
  };
  const reasons = () =>
    [...stages].flatMap(([stage, { assigned, open, failed }]): readonly NotReady[] => {
      if (failed !== undefined) return [{ stage, why: `failed: ${failed}` }];
      if (assigned === undefined) return [{ stage, why: 'has no place in its group yet' }];
      const closed = assigned.filter((partition) => !open.has(partition));
      return closed.length === 0 ? [] : [{ stage, why: 'assigned, and not restored yet', partitions: closed }];
    });
  return { listen, reasons };
}
