import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { DownlinkError } from '../errors.ts';

// The registry client tells of a failure only a status and a text, and gives a connection that was refused the status 400
// of a bad request. This middleware of its HTTP layer puts what really happened into that text.

export interface RegistryFailure {
  /** 0: there was no answer. */
  readonly status: number;
  readonly errorCode: number;
  readonly message: string;
}

type Middleware = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>[number];
type Response = Awaited<ReturnType<Parameters<NonNullable<ReturnType<Middleware>['response']>>[0]>>;

const mark = 'registry failure ';

export const tellFailures: Middleware = () => ({
  prepareRequest: async (next) => (await next()).enhance({ timeout: 10_000 }),
  response: async (next) => {
    const response = await next().catch((failed: unknown) => {
      throw telling(failed as Response, failureOf(failed as Response));
    });
    // A login page or a proxy's greeting is no answer of a registry, whatever its status.
    if (response.status() < 300 && typeof response.data() === 'object') return response;
    throw telling(response, { status: 0, errorCode: 0, message: `no registry answers here (HTTP ${response.status()})` });
  },
});

/** The HTTP layer's failures are rejected responses, which are no errors. */
const telling = (response: Response, failure: RegistryFailure) =>
  response.enhance({ rawData: JSON.stringify({ message: mark + JSON.stringify(failure) }) }) as unknown as Error;

function failureOf(response: Response): RegistryFailure {
  const error = response.error();
  if (error !== null) return { status: 0, errorCode: 0, message: error.message };
  const body: unknown = response.data();
  if (typeof body !== 'object' || body === null) return { status: response.status(), errorCode: 0, message: 'an answer that is no JSON' };
  const { error_code: code, message } = body as { error_code?: unknown; message?: unknown };
  return {
    status: response.status(),
    errorCode: typeof code === 'number' ? code : 0,
    message: typeof message === 'string' ? message : '',
  };
}

/** What a call of the registry client failed with; undefined where the failure did not come from the registry. */
export function failureIn(thrown: unknown): RegistryFailure | undefined {
  const text = thrown instanceof Error ? thrown.message : '';
  const at = text.indexOf(mark);
  return at < 0 ? undefined : (JSON.parse(text.slice(at + mark.length)) as RegistryFailure);
}

/** The same as an error with a code. Whatever is not a clear refusal is the registry not answering: nothing is lost by asking again. */
export function errorFrom(failure: RegistryFailure, url: string): DownlinkError {
  const { status, errorCode, message } = failure;
  const detail = `${url}: ${status === 0 ? '' : `HTTP ${status} `}${errorCode === 0 ? '' : `(${errorCode}) `}${message}`;
  if (status === 401 || status === 403 || status === 422) return new DownlinkError('registry-refused', detail);
  return new DownlinkError('registry-unavailable', detail);
}
