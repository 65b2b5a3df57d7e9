import { startEmbeddedKafka } from './embedded-kafka.ts';
import { publish } from './programs.ts';
import { stopLater } from './stop-programs.ts';

const alone = { missing: 'the embedded broker is tested alone' };

/** Jest's global setup: the broker that is built in, in a process of its own. */
export default async function startEmbedded(): Promise<void> {
  const broker = await startEmbeddedKafka();
  stopLater(broker);
  const { bootstrap } = broker;
  process.stderr.write(`\ntests use the embedded broker on ${bootstrap}\n`);
  publish(
    {
      kafka: { bootstrap, what: 'the embedded broker' },
      registry: alone,
      cluster: alone,
      victoria: alone,
      victoriaProgram: alone,
      vmalert: alone,
      triton: alone,
      tritonProgram: alone,
      postgresProgram: alone,
      schemathesis: alone,
    },
    '_EMBEDDED',
  );
}
