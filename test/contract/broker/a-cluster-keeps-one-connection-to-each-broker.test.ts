import { expect, test } from '@jest/globals';
import { openCluster } from '../../../src/kafka/cluster.ts';
import { kafkaConfig } from '../../../src/kafka/connection.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';

const sockets = (): number => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;

describeWith('kafka', 'a cluster', ({ bootstrap }) => {
  test('that many ask at once keeps one connection to each broker, and none when it is closed', async () => {
    const before = sockets();
    for (let round = 0; round < 5; round++) {
      const cluster = openCluster(kafkaConfig({ brokers: bootstrap.split(','), clientId: 'many' }));
      const first = await cluster.linkTo('anybody');
      const asking = Array.from({ length: 50 }, async (_, at) => {
        for (let turn = 0; turn < at % 10; turn++) await Promise.resolve();
        return cluster.linkTo('anybody');
      });
      const links = await Promise.all(asking);
      expect(new Set([first, ...links]).size).toBe(1);
      await cluster.close();
    }
    await eventually('all are closed', () => sockets() <= before);
  });
});
