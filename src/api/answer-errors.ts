import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { classify, DownlinkError } from '../errors.ts';
import type { Emit } from '../telemetry/events.ts';
import { allowedMethods } from './allowed-methods.ts';
import { problemOf, Refused, type FieldError } from './problem.ts';

/** A body of thousands of mistakes is not answered with thousands of sentences. */
const mostErrors = 20;

/** Everything that is no success, in one form. What was not foreseen is told to the log, and only its id to who asked. */
export function answerErrors(app: FastifyInstance, emit: Emit): void {
  const send = (
    reply: FastifyReply,
    { id }: FastifyRequest,
    status: number,
    detail: string,
    errors: readonly FieldError[] = [],
  ) =>
    reply
      .code(status)
      .type('application/problem+json')
      .serializer(JSON.stringify)
      .send(problemOf(status, detail, errors, id));

  const methodsOf = allowedMethods(app);
  const sendNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = methodsOf(pathOf(request));
    if (allowed.length === 0) return send(reply, request, 404, `there is no ${request.method} ${pathOf(request)}`);
    reply.header('allow', allowed.join(', '));
    return send(reply, request, 405, `there is no ${request.method} here; there is ${allowed.join(', ')}`);
  };
  app.setNotFoundHandler(sendNotFound);
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    if (thrown instanceof Refused) {
      for (const [name, value] of Object.entries(thrown.headers)) reply.header(name, value);
      return send(reply, request, thrown.status, thrown.message, thrown.errors);
    }
    // What else is wrong with it does not matter where there is nothing.
    if (request.is404) return sendNotFound(request, reply);
    if (thrown.validation !== undefined) {
      const isBody = thrown.validationContext === 'body';
      const errors = thrown.validation.slice(0, mostErrors).map((one) => fieldOf(one, thrown.validationContext ?? ''));
      return send(reply, request, isBody ? 422 : 400, 'the request is not as it has to be', errors);
    }
    if (thrown instanceof DownlinkError && thrown.code === 'victoria-refused')
      return send(reply, request, 422, thrown.detail);
    if (thrown instanceof DownlinkError && (thrown.verdict === 'retry' || thrown.code === 'postgres-refused')) {
      reply.header('retry-after', '1');
      // A database that a person has to mend is no matter of waiting for whoever asks, but may be mended all the same.
      if (thrown.verdict !== 'retry') emit({ event: 'request-failed', ...placeOf(request), error: thrown });
      const isWritten = request.method !== 'GET' && request.method !== 'HEAD';
      const again = 'it may be there or not: send it again with the same Idempotency-Key';
      return send(reply, request, 503, isWritten ? `${thrown.code}; ${again}` : `${thrown.code}; ask again`);
    }
    const { statusCode = 500 } = thrown;
    if (statusCode < 500) return send(reply, request, statusCode, thrown.message);
    const error = classify(thrown);
    emit({ event: 'request-failed', ...placeOf(request), error });
    return send(reply, request, 500, 'something failed here that should not; the log has it under the request id');
  });
}

type Validation = NonNullable<FastifyError['validation']>[number];

function fieldOf({ instancePath, message = 'is wrong', params, keyword }: Validation, context: string): FieldError {
  const path = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
  const own = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
  const field = [path, own].filter((part) => part !== undefined && part !== '').join('.') || context;
  const detail = keyword === 'additionalProperties' ? 'is not known' : keyword === 'required' ? 'is missing' : message;
  return { field, detail };
}

const placeOf = ({ id, routeOptions }: FastifyRequest) => ({ request: id, route: routeOptions.url ?? '' });

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';
