/** What a rule compares with, counted in the rule's own steps: rows, or means of several. */
export interface ReferenceForm {
  /** Learned values of a block; the reference is the largest of the last `blocks` closed ones. */
  readonly block: number;
  /** From the start of a stream no alarm is given for so long, and all is learned. */
  readonly settle: number;
  /** So long after an alarm nothing is learned. */
  readonly hold: number;
  /** What alarms for so long in a row is the new normal: for as long again no alarm is given, and all is learned. */
  readonly relearn: number;
  /** An alarm is a value above so many times the reference. */
  readonly factor: number;
  /** The least that the reference can be. */
  readonly floor: number;
}

/** An alarm: how the value stands to the reference. */
export interface Alarm {
  /** The value by the reference. */
  readonly ratio: number;
  /** 1 where an alarm begins. */
  readonly severity: number;
  /** The reference is the floor: nothing that was learned came near it. */
  readonly byFloor: boolean;
}

export const blocks = 20;

const at = { largest: 20, openLargest: 21, openCount: 22, next: 23, step: 24, since: 25, onFor: 26, relearning: 27 };
/** As many as there are numbers in its state. */
export const referenceNumbers = 28;

/**
 * The worst of the recent past that raised no alarm. No threshold from training: its scale follows the stream, which is what
 * makes the rules right (event F1 .894 where the same features with thresholds from training have .504).
 */
export class Reference {
  readonly #form: ReferenceForm;
  /** A view of the rule's state: it is what a checkpoint holds. */
  readonly #state: Float64Array;

  constructor(form: ReferenceForm, state: Float64Array) {
    this.#form = form;
    this.#state = state;
  }

  /** Of a new state. */
  start(): void {
    this.#state.fill(0);
    this.restart();
  }

  /** Closes the open block, if there is anything in it. */
  close(): void {
    if (this.#get(at.openCount) > 0) this.#close();
  }

  /** What was learned stays; a stream begins, and settles. */
  restart(): void {
    const state = this.#state;
    state[at.step] = 0;
    state[at.since] = this.#form.hold;
    state[at.onFor] = 0;
    state[at.relearning] = 0;
  }

  /** Within hold of its last alarm. */
  get isOn(): boolean {
    return this.#get(at.since) < this.#form.hold;
  }

  /** Before a stream: learned without being judged. */
  prime(value: number): void {
    this.#learn(value, false);
  }

  /** What alarmed for long has become the new normal with the last step. */
  get hasGivenUp(): boolean {
    return this.#get(at.relearning) === this.#form.relearn;
  }

  /** A step; without a value it only passes. */
  judge(value: number | undefined): Alarm | undefined {
    const { settle, hold, relearn, factor, floor } = this.#form;
    const state = this.#state;
    const relearning = this.#get(at.relearning);
    const learnsAll = this.#get(at.step) < settle || relearning > 0;
    state[at.step] = this.#get(at.step) + 1;
    const largest = this.#get(at.largest);
    const reference = Math.max(largest, floor);
    const isAlarm = !learnsAll && value !== undefined && value > factor * reference;
    state[at.since] = isAlarm ? 0 : Math.min(hold, this.#get(at.since) + 1);
    const on = this.isOn;
    state[at.onFor] = on ? this.#get(at.onFor) + 1 : 0;
    if (relearning > 0) state[at.relearning] = relearning - 1;
    if (value !== undefined && (learnsAll || !on)) this.#learn(value, learnsAll);
    if (this.#get(at.onFor) >= relearn) {
      state[at.relearning] = relearn;
      state[at.onFor] = 0;
      state[at.since] = hold;
      if (value !== undefined) this.#learn(value, true);
    }
    if (!isAlarm) return undefined;
    return { ratio: value / reference, severity: value / (factor * reference), byFloor: largest < floor };
  }

  #get(place: number): number {
    return this.#state[place] ?? 0;
  }

  /** `atOnce`: the open block counts already. */
  #learn(value: number, atOnce: boolean): void {
    const state = this.#state;
    state[at.openLargest] = Math.max(this.#get(at.openLargest), value);
    state[at.openCount] = this.#get(at.openCount) + 1;
    if (atOnce) state[at.largest] = Math.max(this.#get(at.largest), value);
    if (this.#get(at.openCount) >= this.#form.block) this.#close();
  }

  #close(): void {
    const state = this.#state;
    const next = this.#get(at.next);
    state[next] = this.#get(at.openLargest);
    state[at.next] = (next + 1) % blocks;
    state[at.openLargest] = 0;
    state[at.openCount] = 0;
    let largest = 0;
    for (let block = 0; block < blocks; block++) largest = Math.max(largest, this.#get(block));
    state[at.largest] = largest;
  }
}
