import type { Problem } from '../../api/problem.ts';
import type { Answer, Answered, Client } from './client.ts';

/** Why an API did not do what it was asked, field by field, and what helps. */
export function problemText(answer: Answer, client: Client): string {
  if ('unreachable' in answer)
    return (
      `downlink: nothing answers at ${client.url} (${answer.unreachable}); ` +
      'start an API with `downlink up` or `downlink api`, or say with --url where it is\n'
    );
  const problem = problemIn(answer);
  if (problem === undefined)
    return `downlink: ${client.url} answers ${answer.status}, but not as an API of downlink does; say with --url where that is\n`;
  const { status, title, detail, errors = [], request_id: request } = problem;
  const lines = [
    `downlink: ${client.url} answers ${status}, ${title}: ${detail}`,
    ...errors.map((error) => `  ${error.field}: ${error.detail}`),
    ...(status >= 500 && request !== undefined ? [`  request: ${request}`] : []),
  ];
  const remedy = remedyFor(status, client);
  return `${[...lines, ...(remedy === undefined ? [] : [remedy])].join('\n')}\n`;
}

/** In a line, for where many are told of. */
export function problemLine(answer: Answer): string {
  if ('unreachable' in answer) return `no answer: ${answer.unreachable}`;
  const { title = 'no answer of downlink', detail, errors = [] } = problemIn(answer) ?? {};
  const fields = errors.map((error) => `${error.field}: ${error.detail}`).join('; ');
  return [`${answer.status} ${title}`, detail, fields].filter((part) => part !== undefined && part !== '').join(': ');
}

function problemIn({ body }: Answered): Problem | undefined {
  const found = body as Partial<Problem> | null | undefined;
  return typeof found === 'object' && typeof found?.title === 'string' && typeof found.detail === 'string'
    ? (found as Problem)
    : undefined;
}

function remedyFor(status: number, { hasKey }: Client): string | undefined {
  if (status === 401)
    return hasKey
      ? 'The key in DOWNLINK_API_KEY is not known there, or has ended.'
      : 'Set DOWNLINK_API_KEY to a key that it knows; `downlink api key` makes one.';
  if (status === 403) return 'Set DOWNLINK_API_KEY to a key that may; `downlink api key --scope` makes one.';
  if (status === 404) return 'Jobs of other owners are not shown, and those of more than a day ago are not kept there.';
  return undefined;
}
