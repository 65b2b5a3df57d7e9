import { dirname } from 'node:path';

const rootDir = dirname(import.meta.dirname);

// Jest's own ES module mode is still experimental, so the tests' transform emits CommonJS; what is built and shipped are ES modules.
const transform = {
  '\\.ts$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

const project = (displayName, testMatch, more = {}) => ({
  displayName,
  rootDir,
  testMatch: testMatch.map((glob) => `<rootDir>/test/${glob}`),
  testEnvironment: 'node',
  transform,
  ...more,
});

const programs = {
  globalSetup: '<rootDir>/test/support/start-programs.ts',
  globalTeardown: '<rootDir>/test/support/stop-programs.ts',
};

export default {
  rootDir,
  projects: [
    // Needs nothing but Node: `npm run check`.
    project('unit', ['!(contract|integration|drill|soak|fuzz)/**/*.test.ts']),
    project('fuzz', ['fuzz/**/*.test.ts']),
    // Runs against real programs, which it starts or is told of.
    project('real', ['contract/**/*.test.ts', 'integration/**/*.test.ts'], programs),
    // The contract of a broker once more, on the one that is built in.
    project('embedded', ['contract/broker/**/*.test.ts'], {
      globals: { downlinkProgramSet: '_EMBEDDED' },
      globalSetup: '<rootDir>/test/support/start-embedded.ts',
      globalTeardown: '<rootDir>/test/support/stop-programs.ts',
    }),
    project('drill', ['drill/**/*.test.ts'], programs),
    project('soak', ['soak/**/*.test.ts'], programs),
  ],
  reporters: ['default', '<rootDir>/.run/summary.mjs'],
  testTimeout: 30_000,
};
