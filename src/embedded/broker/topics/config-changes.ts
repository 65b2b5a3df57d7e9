import { kafkaError, Refused } from '../errors.ts';
import { checkedConfigs, isConfig, topicConfigs, valueOf, type Configs } from './configs.ts';

/** Kafka's numbers of what can be done to one of them. */
const operations = { set: 0, remove: 1, append: 2, subtract: 3 } as const;

export interface ConfigChange {
  readonly name: string;
  readonly operation: number;
  readonly value: string | null;
}

/** What is not mentioned stays as it is. */
export function changedConfigs(configs: Configs, changes: readonly ConfigChange[]): Configs {
  const now = new Map<string, string | null>(Object.entries(configs));
  for (const { name, operation, value } of changes) {
    if (operation === operations.remove) now.delete(name);
    else if (value === null) throw new Refused(kafkaError.invalidRequest, `Null value not supported for : ${name}`);
    else if (operation === operations.set) now.set(name, value);
    else
      now.set(
        name,
        itemsOf(
          configs,
          name,
          operation,
          value.split(',').map((item) => item.trim()),
        ).join(','),
      );
  }
  return checkedConfigs([...now]);
}

function itemsOf(configs: Configs, name: string, operation: number, items: readonly string[]): readonly string[] {
  if (!isConfig(name)) throw new Refused(kafkaError.invalidConfig, `Unknown topic config name: ${name}`);
  if (topicConfigs[name].type !== 'list')
    throw new Refused(kafkaError.invalidConfig, `${name} is no list: nothing can be appended to it or subtracted.`);
  const before = valueOf(configs, name)
    .split(',')
    .filter((item) => item !== '');
  if (operation === operations.append) return [...new Set([...before, ...items])];
  if (operation === operations.subtract) return before.filter((item) => !items.includes(item));
  throw new Refused(kafkaError.invalidRequest, `Unknown operation type ${operation}.`);
}
