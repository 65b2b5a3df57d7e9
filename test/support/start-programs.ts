import {
  findCluster,
  findKafka,
  findPostgresProgram,
  findRegistry,
  findSchemathesis,
  findTriton,
  findTritonProgram,
  findVictoria,
  findVictoriaProgram,
  findVmalert,
} from './find-programs.ts';
import { publish, type Found } from './programs.ts';
import { programsNamedBy } from './tests-to-run.ts';

/** Jest's global setup: finds or starts, once for the whole run, the real programs that the chosen tests name. */
export default async function startPrograms(
  { rootDir, testPathPatterns }: { rootDir: string; testPathPatterns: { patterns: string[] } },
  { testMatch }: { testMatch: string[] },
): Promise<void> {
  const named = programsNamedBy({ rootDir, testMatch, patterns: testPathPatterns.patterns });
  const find = async <P>(name: string, finder: () => Promise<Found<P>>): Promise<Found<P>> => {
    if (!named.has(name)) return { missing: `no chosen test says describeWith('${name}'` };
    const found = await finder().catch((error: unknown) => ({ missing: String(error) }));
    const line = 'missing' in found ? `tests have no ${name}: ${found.missing}` : `tests use ${found.what}`;
    process.stderr.write(`\n${line}`);
    return found;
  };
  const [
    kafka,
    registry,
    cluster,
    victoria,
    victoriaProgram,
    vmalert,
    triton,
    tritonProgram,
    postgresProgram,
    schemathesis,
  ] = await Promise.all([
    find('kafka', findKafka),
    find('registry', findRegistry),
    find('cluster', findCluster),
    find('victoria', findVictoria),
    find('victoriaProgram', findVictoriaProgram),
    find('vmalert', findVmalert),
    find('triton', findTriton),
    find('tritonProgram', findTritonProgram),
    find('postgresProgram', findPostgresProgram),
    find('schemathesis', findSchemathesis),
  ]);
  if (named.size > 0) process.stderr.write('\n');
  publish({
    kafka,
    registry,
    cluster,
    victoria,
    victoriaProgram,
    vmalert,
    triton,
    tritonProgram,
    postgresProgram,
    schemathesis,
  });
}
