import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { startSmap } from '../../support/smap-system.ts';
import { topicName } from '../../support/topic-name.ts';
import { victoriaAway } from '../../support/victoria-away.ts';

describeWith('kafka', 'scores at 1,000 samples a second', ({ bootstrap }) => {
  describeWith('victoriaProgram', 'into a VictoriaMetrics that is killed', ({ file }) => {
    test('and stays away for a minute: in the end each is there, worked off at five times the rate at which they come', async () => {
      const system = await startSmap({ bootstrap, prefix: topicName('away'), victoria: file });
      try {
        const { sent, found, drained, memory } = await victoriaAway(system, bootstrap, 60);
        const [least, most] = memory.map(Math.round);
        process.stderr.write(`${sent} sent; worked off at ${drained.toFixed(0)}/s; ${least} to ${most} MB\n`);
        expect(found).toBe(sent);
        expect(drained).toBeGreaterThanOrEqual(5_000);
      } finally {
        await system.close();
      }
    }, 200_000);
  });
});
