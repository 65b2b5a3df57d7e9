import { readFileSync } from 'node:fs';
import { DownlinkError } from '../errors.ts';

/** A certificate or key that a variable names, read now: a renewed one counts from the next start. */
export function readPem(variable: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('config-invalid', `environment: ${variable}: ${path} cannot be read (${why})`);
  }
  if (!text.includes('-----BEGIN ')) {
    throw new DownlinkError('config-invalid', `environment: ${variable}: ${path} is no PEM file`);
  }
  return text;
}
