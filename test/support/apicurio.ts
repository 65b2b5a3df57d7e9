import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { startJava, untilReady } from './java-process.ts';
import { unpacked } from './maven.ts';

export const apicurioVersion = '3.0.9';

export interface Registry {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real schema registry on loopback that keeps its schemas in memory, set to BACKWARD as Confluent's is from the start. */
export async function startApicurio(): Promise<Registry> {
  const name = `apicurio-registry-app`;
  const program = await unpacked(`apicurio-${apicurioVersion}`, `io.apicurio:${name}:${apicurioVersion}:tar.gz:all`);
  const folder = mkdtempSync(join(tmpdir(), 'downlink-apicurio-'));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'apicurio.storage.kind': 'sql',
    'apicurio.storage.sql.kind': 'h2',
  };
  const defined = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`);
  const jvm = await startJava(folder, 'apicurio', [
    ...flags,
    ...defined,
    '-jar',
    join(program, `${name}-${apicurioVersion}-runner.jar`),
  ]);
  const stop = async (): Promise<void> => {
    await jvm.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(`Apicurio ${apicurioVersion}`, [jvm], () => answers(`${url}/subjects`));
    await setBackward(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function setBackward(url: string): Promise<void> {
  const body = JSON.stringify({ compatibility: 'BACKWARD' });
  const reply = await fetch(`${url}/config`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  if (!reply.ok) throw new Error(`Apicurio did not take BACKWARD: ${reply.status} ${await reply.text()}`);
}

export async function answers(url: string): Promise<boolean> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}
