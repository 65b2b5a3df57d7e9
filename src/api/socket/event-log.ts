import { frameOf } from './frame-of.ts';

/** What subscribers may hear. */
export interface ApiEvent {
  readonly topic: 'job' | 'samples' | 'anomaly';
  /** Of a job; nobody else hears of it. */
  readonly owner: string | undefined;
  /** What it is of: the ids and models of jobs, `satellite/entity`. */
  readonly job: string | undefined;
  readonly model: string | undefined;
  readonly entity: string | undefined;
  /** As it is sent, made when somebody wants it. */
  readonly frame: () => Buffer;
}

export interface PlacedEvent extends ApiEvent {
  /** Where everything was read to when this one had been told, here as in every other process: to go on from there. */
  readonly id: string;
  readonly partition: string;
  readonly position: number;
}

export interface EventLog {
  /** What one record leads to. */
  add(
    partition: string,
    offset: bigint,
    events: readonly Omit<ApiEvent, 'frame'>[],
    messageOf: (at: number, id: string) => object,
  ): void;
  /** Of all that is told from now on. */
  listen(hear: (event: PlacedEvent) => void): () => void;
  /** Where it is now. */
  readonly now: string;
  /** What was told after an id, oldest first; `gap` where some of that is not kept any more; undefined where it is no id. */
  after(id: string): { readonly events: readonly PlacedEvent[]; readonly gap: boolean } | undefined;
}

/**
 * The order of events differs from process to process, as they come from several partitions; so an id is where each of these
 * was read to. A record with several events is told in parts: the second part of the number says how many.
 */
export function openEventLog(mostEvents: number): EventLog {
  const positions = new Map<string, number>();
  const first = new Map<string, number>();
  const listeners = new Set<(event: PlacedEvent) => void>();
  let kept: PlacedEvent[] = [];
  const idNow = (): string => [...positions].map(([partition, position]) => `${partition}=${position}`).join('~');

  return {
    add: (partition, offset, events, messageOf) => {
      const at = Number(offset);
      for (const [part, event] of events.entries()) {
        const position = at + (part + 1) / events.length;
        positions.set(partition, position);
        if (!first.has(partition)) first.set(partition, at);
        const id = idNow();
        let frame: Buffer | undefined;
        const placed: PlacedEvent = {
          ...event,
          id,
          partition,
          position,
          frame: () => (frame ??= frameOf(Buffer.from(JSON.stringify(messageOf(part, id))))),
        };
        kept.push(placed);
        for (const hear of listeners) hear(placed);
      }
      if (events.length === 0) positions.set(partition, at + 1);
      // By halves: moving all of them at each event would cost more than what is kept too long.
      if (kept.length > 2 * mostEvents) {
        for (const { partition: of, position } of kept.slice(0, -mostEvents)) first.set(of, position);
        kept = kept.slice(-mostEvents);
      }
    },
    listen: (hear) => {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    get now() {
      return idNow();
    },
    after: (id) => {
      const told = positionsIn(id);
      if (told === undefined) return undefined;
      // A partition that the id does not name had no events then.
      const gap = [...first].some(([partition, position]) => (told.get(partition) ?? Infinity) < position);
      const isNew = ({ partition, position }: PlacedEvent): boolean => position > (told.get(partition) ?? -1);
      return { events: kept.filter(isNew), gap };
    },
  };
}

function positionsIn(id: string): ReadonlyMap<string, number> | undefined {
  if (id === '') return new Map();
  const pairs = id.split('~').map((pair) => pair.split('='));
  const isRight = pairs.every(([name = '', position = '']) => name !== '' && /^\d+(\.\d+)?$/.test(position));
  return isRight ? new Map(pairs.map(([name = '', position]) => [name, Number(position)])) : undefined;
}
