import type { Addresses } from './part.ts';

/** What to do after the first look, a line each. */
export function nextSteps(topology: string, addresses: Addresses, isDemo: boolean): readonly string[] {
  const env = `DOWNLINK_KAFKA=${addresses['kafka'] ?? ''} DOWNLINK_REGISTRY=${addresses['registry'] ?? ''}`;
  return [
    `your data:  ${env} npx downlink replay --topology ${topology} --data DIR`,
    `your Kafka: npx downlink up${isDemo ? ' --no-demo' : ''} --kafka HOST:9092 --registry http://HOST:8081`,
  ];
}
