import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { freePorts } from '../../support/free-port.ts';

const rules = join(import.meta.dirname, '..', '..', '..', 'deploy', 'victoriametrics', 'alerts.yaml');

interface Alert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The labels of so many alerts, firing or about to, that a vmalert raises which asks every second. */
export async function raisedBy(file: string, url: string, count: number): Promise<readonly object[]> {
  const dry = spawnSync(file, ['-dryRun', `-rule=${rules}`], { encoding: 'utf8', timeout: 10_000 });
  if (dry.status !== 0) throw new Error(dry.stderr);
  const folder = mkdtempSync(join(tmpdir(), 'downlink-vmalert-'));
  const hasty = join(folder, 'alerts.yaml');
  writeFileSync(hasty, readFileSync(rules, 'utf8').replace('interval: 30s', 'interval: 1s'));
  const [port = 0] = await freePorts(1);
  // Nobody listens at its notifier: what it would send is asked for here.
  const args = [`-rule=${hasty}`, `-datasource.url=${url}`, '-notifier.url=http://127.0.0.1:1'];
  const child = spawn(file, [...args, `-httpListenAddr=127.0.0.1:${port}`], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    const alerts = await eventually('vmalert raises all', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`);
      const { data } = (await answer.json()) as { data: { alerts: readonly Alert[] } };
      return data.alerts.length >= count && data.alerts;
    });
    return alerts.map(({ name, labels }) => {
      const own = Object.entries(labels).filter(([label]) => label !== 'severity' && label !== 'alertgroup');
      return { ...Object.fromEntries(own), alertname: name };
    });
  } finally {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true });
  }
}
