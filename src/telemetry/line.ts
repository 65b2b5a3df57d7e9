import { codes, type Code, type DownlinkError } from '../errors.ts';

/** `warn`: nothing was lost. `error`: something was, or a person has to act. */
export type Level = 'info' | 'warn' | 'error';

/** One line of the log. */
export interface Line {
  readonly level: Level;
  readonly event: string;
  readonly stage?: string;
  readonly partition?: number;
  readonly code?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly [more: string]: unknown;
}

export const inWords = ({ code, detail }: DownlinkError) => ({ code, detail, remedy: codes[code].remedy });

export const remedyOf = (code: string): string | undefined => (code in codes ? codes[code as Code].remedy : undefined);
