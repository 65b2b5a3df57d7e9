import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { topicName } from '../../support/topic-name.ts';
import { build, startUp, type Up } from '../../support/up.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describeWith('kafka', 'a real Kafka', ({ bootstrap }) => {
  describeWith('registry', 'and its registry', ({ url }) => {
    describeWith('victoria', 'and a VictoriaMetrics', (victoria) => {
      const folder = mkdtempSync(join(tmpdir(), 'downlink-up-'));
      let up: Up | undefined;
      beforeAll(build, 60_000);
      afterAll(async () => {
        await up?.killAll();
        rmSync(folder, { recursive: true });
      });

      test('take the place of the embedded ones, with the same topology and no other change', async () => {
        const file = join(folder, 'smap.yaml');
        const text = readFileSync(join(root, 'topologies', 'smap.yaml'), 'utf8');
        writeFileSync(file, text.replace('topology: smap\n', `topology: smap\nprefix: ${topicName('up')}.\n`));
        const outside = ['--kafka', bootstrap, '--registry', url, '--victoria', victoria.url];
        const running = startUp(join(folder, 'data'), '--topology', file, ...outside);
        up = running;
        await running.said(/the first score after/);
        await running.said(/SAT-001\/A-1 {2}OPENED/);
        // The inference server, the stages and what takes jobs are all that is started.
        expect(running.children().length).toBe(3);
        expect(running.lines.join('\n')).not.toContain('Kafka broker on');
        await eventually('they are exported', async () => {
          const query = encodeURIComponent('smap_anomaly_score{entity="A-1"}');
          return (await (await fetch(`${victoria.url}/api/v1/export?match[]=${query}`)).text()).includes('"A-1"');
        });
        expect(await running.stop()).toBe(0);
        up = undefined;
      }, 100_000);
    });
  });
});
