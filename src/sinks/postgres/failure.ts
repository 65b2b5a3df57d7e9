import pg from 'pg';
import { DownlinkError } from '../../errors.ts';

/**
 * SQLSTATEs that waiting mends: no connection, no room, the server going down or coming up, a transaction that another stood
 * in the way of, a query that took too long, and a server that only reads because another has taken over.
 */
const passing = /^(08...|53...|57P..|58...|57014|40001|40P01|55P03|25P03|25006)$/;

/** What Node says of the network, and not of certificates. */
const network = /^(E[A-Z]+|EAI_[A-Z]+)$/;

/** pg says these without a code. */
const lost = /terminated|timeout|timed out|not queryable|connection error|socket|was closed|ended|ending/i;

/** What PostgreSQL, or the way there, has thrown, as an error of downlink. */
export function failureOf(thrown: unknown, where: string): DownlinkError {
  if (thrown instanceof DownlinkError) return thrown;
  const { code, message = String(thrown), errors } = thrown as { code?: string; message?: string; errors?: Error[] };
  // An address that is several, each of which was tried, has no message of its own.
  const said = message === '' ? (errors?.map((one) => one.message).join(', ') ?? '') : message;
  const detail = `${where}: ${[code, said].filter((part) => part !== undefined && part !== '').join(': ')}`;
  const options = { cause: thrown };
  const isPassing =
    thrown instanceof pg.DatabaseError
      ? passing.test(code ?? '')
      : code === undefined
        ? lost.test(message)
        : network.test(code);
  return new DownlinkError(isPassing ? 'postgres-unavailable' : 'postgres-refused', detail, options);
}
