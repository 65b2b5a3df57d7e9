import { closest } from '../../config/closest.ts';
import type { Shape } from '../../contract/settings.ts';
import { settings as shape } from '../../stages/detect/settings.ts';

/** A setting of detect that is to have another value. */
export interface Assignment {
  readonly key: string;
  readonly value: unknown;
}

/** What is different for single entities is said with --entity. */
const fields: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(shape.fields).filter(([key]) => key !== 'entities'),
);

/** Of texts like `busyFactor=1.5` or `rules=too-busy,too-quiet`; or what is wrong with them. */
export function assignmentsOf(
  texts: readonly string[],
): { readonly assignments: readonly Assignment[] } | { readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const assignments: Assignment[] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = text.slice(0, at);
    if (at < 1) wrong.push(`--set ${text}: write it as KEY=VALUE`);
    else if (!Object.hasOwn(fields, key)) wrong.push(`--set ${text}: detect has no such setting; ${meant(key)}`);
    else if (assignments.some((one) => one.key === key)) wrong.push(`--set ${text}: ${key} is set twice; choose one`);
    else assignments.push({ key, value: valueOf(fields[key]?.kind, text.slice(at + 1)) });
  }
  return wrong.length > 0 ? { wrong } : { assignments };
}

function meant(key: string): string {
  const known = Object.keys(fields);
  const near = closest(key, known);
  return `${near === undefined ? '' : `did you mean \`${near}\`? `}it has ${known.join(', ')}`;
}

/** What is no number is left as it is: the topology says so, with its place. */
function valueOf(kind: Shape['kind'] | undefined, text: string): unknown {
  switch (kind) {
    case 'list':
      return text
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
    case 'choice':
    case 'text':
      return text;
    default:
      return /^[-+.\de]+$/i.test(text) && !Number.isNaN(Number(text)) ? Number(text) : text;
  }
}
