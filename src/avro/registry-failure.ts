import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { classify, DownlinkError } from '../errors.ts';

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];

/** For the client's HTTP layer: a deadline, and only a registry's answer counts, not a login page or a proxy's greeting. */
export const onlyRegistries: Middleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: 10_000 }),
  response: async (next) => {
    const response = await next();
    if (response.status() < 300 && typeof response.data() === 'object') return response;
    const { status, url } = { status: response.status(), url: response.request().url() };
    throw new DownlinkError('registry-unavailable', `${url} answers ${status}, but is no schema registry`);
  },
});

/** The HTTP status that a call of the client failed with. It gives 400 to a connection that was refused, too. */
export function statusOf(thrown: unknown): number | undefined {
  const isResponse = thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number';
  return isResponse ? (thrown.status as number) : undefined;
}

/** A failure of the client as an error with a code. Where the registry did not clearly refuse, nothing is lost by asking again. */
export function codedFailure(thrown: unknown, url: string): DownlinkError {
  const status = statusOf(thrown);
  if (status === undefined) return classify(thrown);
  const refused = status === 401 || status === 403 || status === 422;
  const detail = `${url}: HTTP ${status}: ${(thrown as Error).message}`;
  return new DownlinkError(refused ? 'registry-refused' : 'registry-unavailable', detail, { cause: thrown });
}

/**
 * Whether the registry itself says that an id does not exist. The client hides the registry's own code, and a 404 alone
 * may as well come from a proxy or a wrong path: rejecting a good record for that would be for ever.
 */
export async function saysUnknown(
  url: string,
  id: number,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  const answer = await fetch(`${url}/schemas/ids/${id}`, { headers, signal: AbortSignal.timeout(10_000) });
  const body: unknown = await answer.json();
  return typeof body === 'object' && body !== null && 'error_code' in body && body.error_code === 40403;
}
