/** What a process wrote, for a person; undefined where it is no news. */
export interface Said {
  readonly text: string;
  readonly bad: boolean;
  /** Of all that say the same. */
  readonly key: string;
}

interface Logged {
  readonly level: string;
  readonly event: string;
  readonly stage?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly why?: string;
  readonly attempts?: number;
}

/** The stages write JSON, the other programs plain lines. */
export function said(line: string): Said | undefined {
  const logged = parsed(line);
  if (logged === undefined) return line.trim() === '' ? undefined : { text: line, bad: true, key: line };
  if (logged.level === 'info' && logged.event !== 'recovered') return undefined;
  const { event, stage = '', code, detail, why } = logged;
  const what = detail === undefined ? (why ?? '') : `${code ?? ''}: ${detail}`;
  const text = [stage, words[event] ?? event, what].filter((part) => part !== '').join(' ');
  return { text, bad: logged.level !== 'info', key: `${stage} ${event} ${code ?? ''}` };
}

const words: Readonly<Record<string, string>> = {
  retrying: 'tries again:',
  waiting: 'waits:',
  recovered: 'goes on',
  'not-committed': 'does the same again:',
};

function parsed(line: string): Logged | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const found = JSON.parse(line) as Partial<Logged>;
    return typeof found.event === 'string' && typeof found.level === 'string' ? (found as Logged) : undefined;
  } catch {
    // It only looks like a line of the log: it is told as it is.
    return undefined;
  }
}
