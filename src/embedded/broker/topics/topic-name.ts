import { kafkaError, Refused } from '../errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

export function checkTopicName(name: string): void {
  if (!legal.test(name) || name === '.' || name === '..')
    throw new Refused(kafkaError.invalidTopic, `${name} is no name for a topic`);
}
