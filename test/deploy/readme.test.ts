import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pathOf } from '../../src/cli/path-of.ts';
import { codes } from '../../src/errors.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { allIn, commandLine, parsed } from '../cli/command-line.ts';
import { root, textOf, yamlOf } from './documents.ts';

const text = textOf('deploy/README.md');
const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
const lines = blocks.flatMap((block) => block.split('\n')).map((line) => line.replace(/\s+#.*$/, '').trim());
const commands = lines.filter((line) => line !== '');
const spans = [...text.replaceAll(/^```sh\n.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
const named = (pattern: RegExp): readonly string[] => [...new Set(spans.filter((span) => pattern.test(span)))];

/** By itself, in a container of Compose, or in the toolbox. */
const ownCommands = commands.flatMap(
  (line) => /^(?:kubectl .* -- |docker compose .* exec \w+ )?(downlink [a-z].*)$/.exec(line)?.[1] ?? [],
);

test('it has command lines, of downlink and of Compose', () => {
  expect(ownCommands.length).toBeGreaterThan(10);
  expect(commands.filter((line) => line.startsWith('docker compose ')).length).toBeGreaterThan(10);
});

test.each(ownCommands)('%s is a command line that downlink takes', async (line) => {
  await expect(parsed(line)).resolves.toBeDefined();
});

test('each verb that a sentence names is there', async () => {
  const paths = allIn(await commandLine()).map(pathOf);
  const verbs = named(/^downlink [a-z]/).map((span) => span.split(/ (?=-|\S*[/.])/)[0]);
  expect(verbs.length).toBeGreaterThan(5);
  expect(paths).toEqual(expect.arrayContaining(verbs));
});

test('services, profiles and folders of a command are there', () => {
  const { services } = yamlOf('docker-compose.yml') as { services: object };
  for (const line of commands.filter((one) => one.startsWith('docker compose '))) {
    expect(line).toMatch(/^docker compose --profile (cpu|gpu) /);
    const scaled = [...line.matchAll(/--scale (\w+)=/g)].map(([, name]) => name);
    const [, after = ''] =
      /^docker compose --profile \w+ (?:stop|start|exec|up --detach --force-recreate)((?: [a-z-]+)*?)(?: downlink .*)?$/.exec(
        line,
      ) ?? [];
    for (const name of [...scaled, ...after.split(' ').filter((word) => word !== '')])
      expect(Object.keys(services)).toContain(name);
  }
  const paths = commands.flatMap((line) => line.match(/\b(?:deploy|test|topologies)\/[\w./-]+/g) ?? []);
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths.filter((one) => one !== 'deploy/downlink-toolbox'))
    expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

test('each metric of downlink is one that it has', async () => {
  // Scores are no metric of a process: export writes them, and the alerts ask for them.
  const known = [await openMetrics().text(), textOf('deploy/victoriametrics/alerts.yaml')].join('\n');
  const told = named(/^(downlink|smap)_[a-z_]+$/);
  expect(told.length).toBeGreaterThan(5);
  for (const name of told) expect(known).toMatch(new RegExp(`\\b${name}\\b`));
});

test('each alert is told of, and no other', () => {
  const { groups } = yamlOf('deploy/victoriametrics/alerts.yaml') as {
    groups: readonly { rules: readonly { alert: string }[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(
    [...named(/^[A-Z][a-z]+[A-Z][a-z]+$/)].filter((name) => /^(Any|Anomaly|Entity|Stage|Records)/.test(name)).sort(),
  ).toEqual([...alerts].sort());
});

test('each code is in the table of errors', () => {
  const told = named(/^[a-z]+-(unavailable|refused|invalid|unusable|incompatible)$/);
  expect(told.length).toBeGreaterThan(5);
  expect(Object.keys(codes)).toEqual(expect.arrayContaining([...told]));
});
