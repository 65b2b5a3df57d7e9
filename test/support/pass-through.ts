import type { Wiring } from '../../src/runner/wiring.ts';

export interface Numbered {
  readonly key: string;
  readonly number: number;
  /** How many records of the key there were up to this one. */
  readonly count: number;
}

const decode = (bytes: Buffer): Numbered => {
  const [key = '', number, count] = bytes.toString().split(' ');
  return { key, number: Number(number), count: Number(count ?? 0) };
};
const encode = ({ key, number, count }: Numbered): Buffer => Buffer.from(`${key} ${number} ${count}`);

export interface PassThroughOptions {
  readonly group: string;
  readonly from: string;
  readonly to: string;
  readonly partitions: number;
  readonly checkpoints?: string;
  readonly deadLetters?: string;
}

export const numbered = { decode, encode };

/** Hands records on and counts them by key: a count that a crash left wrong, or a record it lost, shows in what comes out. */
export function passThrough(options: PassThroughOptions): Wiring<Numbered, Numbered, number> {
  const { group, from, to, partitions, checkpoints, deadLetters = `${to}-dead` } = options;
  const open: Wiring<Numbered, Numbered, number>['open'] = ({ restored }) => {
    const counts = new Map(restored);
    return {
      process: ({ records }) => {
        const touched = new Map<string, number>();
        const send = records.map(({ value: { key, number } }) => {
          const count = (counts.get(key) ?? 0) + 1;
          counts.set(key, count);
          touched.set(key, count);
          return { key, value: { key, number, count } };
        });
        return checkpoints === undefined ? { send } : { send, checkpoint: touched };
      },
    };
  };
  return {
    name: group,
    group,
    from: { topic: from, decode },
    to: { topic: to, partitions, encode },
    checkpoints:
      checkpoints === undefined
        ? undefined
        : {
            topic: checkpoints,
            encode: (count) => Buffer.from(String(count)),
            decode: (bytes) => Number(bytes.toString()),
          },
    deadLetters: { topic: deadLetters, partitions },
    open,
  };
}
