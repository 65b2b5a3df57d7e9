import type { Step } from '../batching/step.ts';

/** In a slot's queue: its sequence has been idle too long, and what comes after it is of another. */
export const idle = Symbol('idle');
export type Item = Step | typeof idle;

/** The slots of one instance of a model. */
export interface Lane {
  enqueue(slot: number, item: Item): void;
  close(): void;
}

/** What a lane tells of its slots. */
export interface Sequences {
  /** A slot has no sequence any more: the next that waits for one takes it, with what it has brought. */
  released(place: number): readonly Step[];
  /** The client has given up a request that waited: its sequence is forgotten. */
  abandoned(step: Step): void;
  /** A request will never be run. */
  dropped(step: Step): void;
}
