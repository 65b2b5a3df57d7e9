// The minutes that each part of the project may take of `npm test`, and the tests that count as its own.
// The first prefix that fits wins; what fits none is the house's. `installs` is everything before the first check.
export const installs = { name: 'installs', minutes: 4 };
export const house = { name: 'house', minutes: 4, tests: [''] };
export const rooms = [
  {
    name: 'detection',
    minutes: 3,
    tests: ['stages/detect', 'evaluation', 'integration/detect', 'pipeline/anomalies'],
  },
  {
    name: 'jobs',
    minutes: 5,
    tests: [
      'api',
      'fuzz/api',
      'integration/jobs',
      'integration/store',
      'stages/predict',
      'stages/store',
      'sinks/postgres',
    ],
  },
  {
    name: 'runner',
    minutes: 6,
    tests: ['integration/runner', 'runner', 'simulation', 'telemetry', 'pipeline', 'stages'],
  },
  { name: 'embedded broker', minutes: 6, tests: ['broker', 'fuzz/broker', 'integration/broker'] },
  { name: 'Kafka room', minutes: 6, tests: ['contract/broker', 'kafka', 'fuzz/batches', 'integration/kafka'] },
  { name: 'sinks', minutes: 3, tests: ['sinks', 'contract/victoria', 'integration/export'] },
  {
    name: 'inference',
    minutes: 5,
    tests: ['contract/inference', 'inference', 'inference-server', 'integration/inference', 'kserve', 'models'],
  },
  { name: 'SMAP path', minutes: 8, tests: ['integration/smap', 'replay'] },
  { name: 'dashboards', minutes: 2, tests: ['integration/dashboards', 'dashboards'] },
  house,
];

export const roomOf = (path) => rooms.find((room) => room.tests.some((prefix) => path.startsWith(prefix)));
