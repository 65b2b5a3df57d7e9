import { classify, DownlinkError } from '../errors.ts';

interface Thrown {
  readonly name?: string;
  readonly type?: string;
  readonly topic?: string;
  readonly message?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** What kafkajs' admin client throws, as an error of downlink. kafkajs wraps: the innermost error with a protocol code decides. */
export function adminFailure(thrown: unknown): DownlinkError {
  const chain = unwrapped(thrown);
  const own = chain.find((one) => one instanceof DownlinkError);
  if (own !== undefined) return own;
  const said = chain.find(({ type }) => type !== undefined) ?? chain.find(({ name }) => /SASL/.test(name ?? ''));
  const { type, topic, message = '', retriable } = said ?? chain[0] ?? {};
  const detail = [topic, type, message].filter((part) => part !== undefined && part !== '').join(': ');
  const options = { cause: thrown };
  if (said !== undefined && retriable !== true) return new DownlinkError('kafka-refused', detail, options);
  if (chain.some(({ message: text = '' }) => /certificate/i.test(text)))
    return new DownlinkError('kafka-refused', detail, options);
  if (chain.some(({ name = '' }) => /^KafkaJS/.test(name)))
    return new DownlinkError('kafka-unavailable', detail, options);
  return classify(thrown);
}

function unwrapped(thrown: unknown): readonly Thrown[] {
  const chain: Thrown[] = [];
  let next = thrown;
  // An error that is its own cause must not hold us here.
  while (typeof next === 'object' && next !== null && chain.length < 10) {
    const one: Thrown = next;
    chain.push(one);
    next = one.errors?.[0] ?? one.cause;
  }
  return chain;
}
