import { createServer, request, type Server } from 'node:http';

export interface WatchedVictoria {
  readonly url: string;
  /** How many scores VictoriaMetrics has said 204 to. */
  readonly exported: () => number;
  /** Of each score the time from its timestamp to the 204. */
  readonly latencies: number[];
  close(): Promise<void>;
}

/** Hands on to VictoriaMetrics, and looks at the times of the scores in what it has taken. */
export async function watchVictoria(target: string, port: number): Promise<WatchedVictoria> {
  const latencies: number[] = [];
  let exported = 0;
  const to = new URL(target);
  const server: Server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    const outgoing = request(
      { host: to.hostname, port: to.port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (found) => {
        if (found.statusCode === 204) note(Buffer.concat(chunks));
        answer.writeHead(found.statusCode ?? 502, found.headers);
        found.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.pipe(outgoing);
  });
  const head = Buffer.from('{"metric":{"__name__":"smap_anomaly_score"');
  const note = (body: Buffer): void => {
    const now = Date.now();
    for (let at = body.indexOf(head); at >= 0; at = body.indexOf(head, at + 1)) {
      const end = body.indexOf(10, at);
      const begin = body.indexOf('"timestamps":[', at) + 14;
      const times = body.toString('latin1', begin, end < 0 ? body.length - 2 : end - 2).split(',');
      for (const time of times) latencies.push(now - Number(time));
      exported += times.length;
    }
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, exported: () => exported, latencies, close };
}
