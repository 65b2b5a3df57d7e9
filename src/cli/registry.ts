import { startRegistry } from '../embedded/registry/server.ts';
import { readEnvironment } from '../config/environment.ts';
import { printProblem } from '../config/problem.ts';
import { openSchemaLog } from '../pipeline/schema-log.ts';
import { isListenError, portNumber, sayCannotListen } from './listening.ts';
import { sayReady } from './say-ready.ts';
import type { Verb } from './verb.ts';

interface Options {
  readonly port: number;
  readonly host: string;
}

export const registry: Verb = (program, shell, done) => {
  program
    .command('registry')
    .description("run the embedded schema registry alone, until told to stop; it keeps its schemas in Kafka's _schemas")
    .option('--port <n>', 'the port to listen on; 0 takes one that is free', portNumber, 8081)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addHelpText('after', '\nExample: DOWNLINK_KAFKA=127.0.0.1:9092 downlink registry --port 8081')
    .action(async ({ port, host }: Options) => {
      const { environment, problems } = readEnvironment(shell.env);
      if (environment === undefined) {
        for (const problem of problems) shell.err(`${printProblem(problem)}\n`);
        return done(1);
      }
      const { kafka } = environment;
      if (kafka === undefined) {
        shell.err('environment: DOWNLINK_KAFKA: missing; set it to the addresses of Kafka brokers\n');
        return done(1);
      }
      const log = await openSchemaLog(kafka);
      try {
        const running = await startRegistry({ log, host, port });
        const where = `keeps its schemas in _schemas on ${kafka.brokers.join(', ')}`;
        sayReady(shell, `schema registry on ${running.url}, ${where}`, { registry: running.url });
        await shell.untilToldToStop();
        await running.close();
      } catch (error) {
        if (!isListenError(error)) throw error;
        sayCannotListen(shell, `${host}:${port}`, error);
        done(1);
      } finally {
        await log.close();
      }
    });
};
