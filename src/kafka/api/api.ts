import type { In } from '../wire/in.ts';
import type { Out } from '../wire/out.ts';

/** One wire API in the versions that downlink speaks. Supported is what both sides do: the highest of them is used. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  readonly versions: { readonly min: number; readonly max: number };
  /** Header and body of flexible versions have tagged fields. */
  readonly flexible: boolean;
  write(out: Out, request: Request, version: number): void;
  read(answer: In, version: number): Response;
}

/** Partitions by topic, as nearly every API groups them. */
export function byTopic<T extends { readonly topic: string }>(
  items: readonly T[],
): readonly (readonly [string, readonly T[]])[] {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const known = topics.get(item.topic);
    if (known === undefined) topics.set(item.topic, [item]);
    else known.push(item);
  }
  return [...topics];
}

export interface PartitionError {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
}
