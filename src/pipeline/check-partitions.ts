import type { Stage, Topic } from '../config/topology.ts';
import { DownlinkError } from '../errors.ts';

/**
 * What must hold in Kafka before a stage may run: its topics are there, and those of one number in the file are of one number
 * there. All that does not hold is said at once.
 */
export function checkPartitions(
  file: string,
  stages: readonly Stage[],
  deadLetters: Topic,
  counts: ReadonlyMap<string, number>,
): void {
  const missing = topicsOf(stages, deadLetters).filter((topic) => !counts.has(topic));
  const unequal = stages.flatMap(({ declaration, from, to, checkpoints }) => {
    const followers = [
      ...('sink' in to || declaration.rekeys === true ? [] : [to]),
      ...(checkpoints ? [checkpoints] : []),
    ];
    return followers.flatMap(({ kafkaName }) => {
      const [here, there] = [counts.get(from.kafkaName), counts.get(kafkaName)];
      if (here === undefined || there === undefined || here === there) return [];
      const why = `stage ${declaration.name} keeps the partition of what it reads`;
      return [`${from.kafkaName} has ${here} partitions and ${kafkaName} has ${there}, but ${why}`];
    });
  });
  const wrong = [...missing.map((topic) => `Kafka has no topic ${topic}`), ...unequal];
  if (wrong.length === 0) return;
  const remedy = `\`downlink topics plan ${file}\` shows what differs${missing.length > 0 ? ', `apply` makes what is missing' : ''}`;
  throw new DownlinkError('config-invalid', [...wrong, remedy].join('\n'));
}

/** All topics that stages touch, by Kafka's names. */
export function topicsOf(stages: readonly Stage[], deadLetters: Topic): readonly string[] {
  const touched = stages.flatMap(({ from, to, checkpoints }) => [
    from,
    ...('sink' in to ? [] : [to]),
    ...(checkpoints ? [checkpoints] : []),
  ]);
  return [...new Set([...touched, deadLetters].map(({ kafkaName }) => kafkaName))];
}
