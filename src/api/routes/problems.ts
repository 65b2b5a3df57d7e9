import { problem } from '../shapes.ts';

/** What a route may answer that is no success; 401, 403 and 500 any of them may. */
export const problems = (...statuses: readonly number[]) =>
  Object.fromEntries(
    [...statuses, 401, 403, 500].map((status) => [
      status,
      { description: 'RFC 9457', content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
