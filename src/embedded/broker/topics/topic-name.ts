import { kafkaError, Refused } from '../errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

export const isTopicName = (name: string): boolean => legal.test(name) && name !== '.' && name !== '..';

export function checkTopicName(name: string): void {
  if (!isTopicName(name)) throw new Refused(kafkaError.invalidTopic, `${name} is no name for a topic`);
}
