import { InvalidArgumentError } from 'commander';
import { startBroker } from '../embedded/broker/server.ts';
import { startRegistry } from '../embedded/registry/server.ts';
import { openSchemaLog } from '../pipeline/schema-log.ts';
import { sayReady } from './say-ready.ts';
import { isListenError, portNumber, sayCannotListen } from './listening.ts';
import type { Verb } from './verb.ts';

interface Options {
  readonly folder: string;
  readonly port: number;
  readonly host: string;
  readonly fsync: 'each' | number;
  readonly registryPort?: number;
}

/** The embedded Kafka broker alone: for one machine. */
export const broker: Verb = (program, shell, done) => {
  program
    .command('broker')
    .description('run the embedded Kafka broker alone, until told to stop; it is for one machine')
    .option('--folder <dir>', 'where its log lies; it goes on with what is there', '.downlink/kafka')
    .option('--port <n>', 'the port to listen on; 0 takes one that is free', portNumber, 9092)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--fsync <when>',
      'each: what is acknowledged is on the disk; a number: it is so many milliseconds later',
      fsync,
      1_000,
    )
    .option('--registry-port <n>', 'also run the schema registry, on this port; 0 takes one that is free', portNumber)
    .addHelpText('after', '\nExample: downlink broker --folder ./kafka --port 9092 --fsync each')
    .action(async (options: Options) => {
      const { folder, host, port, registryPort } = options;
      let registry: Registry | undefined;
      try {
        const running = await startBroker({ ...options, note: (line) => shell.err(`${line}\n`) });
        if (registryPort !== undefined) registry = await openRegistry(running.address, host, registryPort);
        const also = registry === undefined ? '' : `, schema registry on ${registry.url}`;
        const registryAt = registry === undefined ? undefined : { registry: registry.url };
        sayReady(shell, `Kafka broker on ${running.address}, log in ${folder}${also}`, {
          kafka: running.address,
          ...registryAt,
        });
        await shell.untilToldToStop();
        await registry?.close();
        await running.close();
      } catch (error) {
        if (!isListenError(error)) throw error;
        const name = error.port === undefined ? `${host}:${port}` : `${host}:${error.port}`;
        sayCannotListen(shell, name, error);
        done(1);
      }
    });
};

interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

/** It keeps its schemas on the broker, as everywhere. */
async function openRegistry(broker: string, host: string, port: number): Promise<Registry> {
  const log = await openSchemaLog({ brokers: [broker], tls: undefined, sasl: undefined });
  const running = await startRegistry({ log, host, port });
  return {
    url: running.url,
    close: async () => {
      await running.close();
      await log.close();
    },
  };
}

function fsync(text: string): 'each' | number {
  if (text === 'each') return text;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is `each`, or milliseconds from 1 to 999999.');
  return Number(text);
}
