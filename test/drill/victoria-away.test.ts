import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe-with.ts';
import { startSmap } from '../support/smap-system.ts';
import { topicName } from '../support/topic-name.ts';
import { victoriaAway } from '../support/victoria-away.ts';

describeWith('kafka', 'scores at 1,000 samples a second', ({ bootstrap }) => {
  describeWith('victoriaProgram', 'into a VictoriaMetrics that is killed', ({ file }) => {
    test('and stays away for ten minutes: in the end each is there', async () => {
      const system = await startSmap({ bootstrap, prefix: topicName('away'), victoria: file });
      try {
        const { sent, found, drained, memory, mostAfterwards } = await victoriaAway(system, bootstrap, 600);
        const [least, most] = memory.map(Math.round);
        process.stderr.write(
          `${sent} sent; ${least} to ${most} MB; worked off at ${drained.toFixed(0)}/s with ${mostAfterwards.toFixed(0)} MB\n`,
        );
        expect(found).toBe(sent);
        expect(drained).toBeGreaterThanOrEqual(5_000);
        // What waits lies in Kafka, not here.
        expect(memory[1] - memory[0]).toBeLessThanOrEqual(20);
      } finally {
        await system.close();
      }
    }, 1_200_000);
  });
});
