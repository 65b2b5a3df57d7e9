import type { Addresses } from './part.ts';

/** What to do after the first look, a line each. Among made-up telemetry there is no place for other: its numbers are taken. */
export function nextSteps(topology: string, addresses: Addresses, isDemo: boolean): readonly string[] {
  const env = `DOWNLINK_KAFKA=${addresses['kafka'] ?? ''} DOWNLINK_REGISTRY=${addresses['registry'] ?? ''}`;
  return [
    isDemo
      ? 'your data:  npx downlink up --no-demo --folder mine'
      : `your data:  ${env} npx downlink replay --topology ${topology} --data DIR`,
    ...(addresses['api'] === undefined
      ? []
      : [`jobs:       npx downlink simulate --url ${addresses['api']}, or ${addresses['api']}/openapi.json`]),
    'your Kafka: npx downlink up --no-demo --kafka HOST:9092 --registry http://HOST:8081',
  ];
}
