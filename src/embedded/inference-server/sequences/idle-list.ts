import type { SequenceId } from '../batching/step.ts';

/** A sequence that has a slot. */
export interface Live {
  readonly id: SequenceId;
  readonly place: number;
  /** When its latest request came. */
  touched: number;
  before: Live | undefined;
  after: Live | undefined;
}

/** Sequences by the time of their latest request: all have the same limit, so the first is the next to be let go. */
export interface IdleList {
  /** In its place by `touched`; most often that is the end. */
  add(live: Live): void;
  remove(live: Live): void;
  readonly first: Live | undefined;
}

export function openIdleList(): IdleList {
  let [first, last]: [Live | undefined, Live | undefined] = [undefined, undefined];
  return {
    add: (live) => {
      let before = last;
      while (before !== undefined && before.touched > live.touched) before = before.before;
      live.before = before;
      live.after = before === undefined ? first : before.after;
      if (live.before === undefined) first = live;
      else live.before.after = live;
      if (live.after === undefined) last = live;
      else live.after.before = live;
    },
    remove: (live) => {
      if (live.before === undefined) first = live.after;
      else live.before.after = live.after;
      if (live.after === undefined) last = live.before;
      else live.after.before = live.before;
      live.before = live.after = undefined;
    },
    get first() {
      return first;
    },
  };
}
