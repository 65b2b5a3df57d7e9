import type { Writing } from '../codec.ts';
import { kafkaError, Refused } from '../errors.ts';
import type { Configs } from '../topics/configs.ts';
import type { Call } from './api.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { repeated } from './repeated.ts';
import { resourceTypes, topicNamed, type Resource } from './resource.ts';

/** A resource, and what a client wants of its configs. */
export type Alteration<Change> = Resource & { readonly configs: readonly Change[] };

export interface Alterations<Change> {
  readonly resources: readonly Alteration<Change>[];
  readonly validateOnly: boolean;
}

export type Altered = Resource & Outcome;

// throttle i32, [error i16, text?, type i8, resource]
export const writeAltered = (to: Writing, resources: readonly Altered[]): Writing =>
  to
    .int32(0)
    .array(resources, ({ error, message, type, name }) => to.int16(error).text(message).int8(type).text(name).tags())
    .tags();

export const refusedAll = (
  { resources }: { readonly resources: readonly Resource[] },
  error: number,
): readonly Altered[] => resources.map(({ type, name }) => ({ type, name, error, message: null }));

/** Each resource by itself: some may be refused. `change` answers what its configs are then. */
export function alterResources<Change extends { readonly name: string }>(
  { resources, validateOnly }: Alterations<Change>,
  { topics }: Call['broker'],
  change: (now: Configs, changes: readonly Change[]) => Configs,
): readonly Altered[] {
  const twice = repeated(resources.map(({ type, name }) => `${type} ${name}`));
  return resources.map(({ type, name, configs }) => {
    const outcome = outcomeOf(() => {
      if (twice.has(`${type} ${name}`))
        throw new Refused(kafkaError.invalidRequest, 'Each resource must appear at most once.');
      if (repeated(configs.map((one) => one.name)).size > 0)
        throw new Refused(kafkaError.invalidRequest, 'Error due to duplicate config keys');
      if (type !== resourceTypes.topic)
        throw new Refused(kafkaError.invalidRequest, 'This broker changes the configs of topics only while it runs.');
      const changed = change(topicNamed(name, topics).configs, configs);
      if (!validateOnly) topics.configure(name, changed);
    });
    return { type, name, ...outcome };
  });
}
