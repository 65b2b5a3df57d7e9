import { readFileSync, statSync } from 'node:fs';
import { readKeys, type Keys } from '../../api/keys.ts';
import type { ApiSettings } from '../../config/api-environment.ts';
import { DownlinkError } from '../../errors.ts';

const lookEveryMs = 1_000;

/** The keys that the environment says; a file that changes counts from the next request on, unless it has mistakes. */
export function keysFrom({ keys }: ApiSettings, note: (line: string) => void): Keys | undefined {
  if (keys === undefined) return undefined;
  if ('text' in keys) return keysIn('DOWNLINK_API_KEYS', keys.text.reveal());
  const { file } = keys;
  let current = keysIn(file, contentOf(file));
  let [looked, changed] = [Date.now(), changeOf(file)];
  return {
    find: (key) => {
      if (Date.now() - looked > lookEveryMs) {
        looked = Date.now();
        const now = changeOf(file);
        if (now !== changed) {
          changed = now;
          try {
            current = keysIn(file, contentOf(file));
          } catch (thrown) {
            note(`${(thrown as Error).message}; the keys stay as they were`);
          }
        }
      }
      return current.find(key);
    },
  };
}

function keysIn(where: string, text: string): Keys {
  const read = readKeys(text);
  if ('problems' in read)
    throw new DownlinkError('config-invalid', read.problems.map((one) => `${where}: ${one}`).join('\n'));
  return read.keys;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('config-invalid', `environment: DOWNLINK_API_KEYS_FILE: ${file} cannot be read (${why})`);
  }
}

const changeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
