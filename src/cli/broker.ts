import { InvalidArgumentError } from 'commander';
import { startBroker } from '../embedded/broker/server.ts';
import { isListenError, portNumber } from './listening.ts';
import type { Verb } from './verb.ts';

interface Options {
  readonly folder: string;
  readonly port: number;
  readonly host: string;
  readonly fsync: 'each' | number;
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
    .addHelpText('after', '\nExample: downlink broker --folder ./kafka --port 9092 --fsync each')
    .action(async (options: Options) => {
      const { folder, host, port } = options;
      try {
        const running = await startBroker({ ...options, note: (line) => shell.err(`${line}\n`) });
        shell.out(`Kafka broker on ${running.address}, log in ${folder}\n`);
        await shell.untilToldToStop();
        await running.close();
      } catch (error) {
        if (!isListenError(error)) throw error;
        shell.err(`downlink: cannot listen on ${host}:${port}: ${error.message}\n`);
        done(1);
      }
    });
};

function fsync(text: string): 'each' | number {
  if (text === 'each') return text;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is `each`, or milliseconds from 1 to 999999.');
  return Number(text);
}
