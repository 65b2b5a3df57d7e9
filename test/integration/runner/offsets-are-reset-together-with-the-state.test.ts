import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openFetcher, type Fetcher } from '../../../src/kafka/reader/fetcher.ts';
import { planReset, reset } from '../../../src/pipeline/offsets.ts';
import { openCountingStage, type CountingStage } from '../../support/counting-stage.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { topologyOf, copyStage } from '../../support/small-topology.ts';
import { topicName } from '../../support/topic-name.ts';

describeWith('kafka', 'a reset of offsets', ({ bootstrap }) => {
  const events = declaredEvents();
  const prefix = topicName('reset');
  let stage: CountingStage;
  let fetcher: Fetcher;
  beforeAll(async () => {
    stage = await openCountingStage(bootstrap, prefix);
    fetcher = openFetcher({ config: { brokers: bootstrap.split(','), clientId: 'test' } });
  });
  afterAll(() => Promise.all([stage.close(), fetcher.close()]));

  test('is refused while the stage runs; then it reads again, and counts from the beginning', async () => {
    const running = stage.start(events.emit);
    await stage.write(10);
    await eventually('the records are committed', async () => (await stage.committed()) === 10n);
    const { from, to, checkpoints, deadLetters } = stage.names;
    const topics = [from, to, checkpoints, deadLetters].map((name) => `${name}: {}`).join(', ');
    const text = `topology: t\npartitions: 1\ntopics: { ${topics} }\ndeadLetters: ${deadLetters}\nstages: { copy: { from: ${from}, to: ${to} } }\n`;
    const topology = topologyOf(text, [copyStage()]);
    const [declared] = topology.stages;
    const state = topology.topics.find(({ name }) => name === checkpoints);
    if (declared === undefined) throw new Error('no stage');
    const options = {
      fetcher,
      topology,
      stage: { ...declared, group: prefix, checkpoints: state },
      target: { offset: 4n },
    };

    await expect(reset(options)).rejects.toMatchObject({ code: 'config-invalid' });
    await running.stop();
    expect(await planReset(options)).toMatchObject([{ from: { committed: 10n }, to: 4n, forgotten: ['k'] }]);
    expect(await stage.committed()).toBe(10n);
    await expect(reset({ ...options, target: { offset: 11n } })).rejects.toMatchObject({
      code: 'position-outside-log',
    });
    await reset(options);
    expect(await stage.committed()).toBe(4n);

    const again = stage.start(events.emit);
    await eventually('it was read again', async () => (await stage.committed()) === 10n);
    expect((await stage.outputs()).slice(10)).toEqual(['k 4 1', 'k 5 2', 'k 6 3', 'k 7 4', 'k 8 5', 'k 9 6']);
    await again.stop();
  });
});
