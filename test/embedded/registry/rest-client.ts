export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  readonly json: unknown;
}

export interface RestClient {
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
  put(path: string, body?: unknown): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  /** The id that the schema gets; fails where it gets none. */
  register(subject: string, schema: unknown, more?: object): Promise<number>;
}

/** A body that is a string goes as it is; anything else as JSON. */
export function restClient(url: string): RestClient {
  const call = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, type: reply.headers.get('content-type'), text, json: parsed(text) };
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
    async register(subject, schema, more = {}) {
      const body = { schema: JSON.stringify(schema), ...more };
      const reply = await call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body);
      const id = (reply.json as { id?: unknown }).id;
      if (reply.status !== 200 || typeof id !== 'number') throw new Error(`${subject}: ${reply.status} ${reply.text}`);
      return id;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
