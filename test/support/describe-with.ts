import { describe, test } from '@jest/globals';
import { findProgram, nowhere, type Found, type ProgramName, type Programs } from './programs.ts';

export type Verdict = { readonly run: true } | { readonly skip: string } | { readonly fail: string };

/** `required` is the comma list of DOWNLINK_REQUIRE: where a program is required, its lack is a failure and no skip. */
export function verdictOn(name: string, found: Found<object>, required: string): Verdict {
  if (!('missing' in found)) return { run: true };
  const names = required.split(',').map((one) => one.trim());
  return names.includes(name) ? { fail: found.missing } : { skip: found.missing };
}

/** A group of tests against a real program, which gets where the program answers. */
export function describeWith<Name extends ProgramName>(
  name: Name,
  sentence: string,
  tests: (program: Programs[Name]) => void,
): void {
  const found = findProgram(name);
  const verdict = verdictOn(name, found, process.env['DOWNLINK_REQUIRE'] ?? '');
  const registered = (): void => {
    tests('missing' in found ? nowhere[name] : (found as Programs[Name]));
  };
  if ('run' in verdict) describe(sentence, registered);
  else if ('fail' in verdict) {
    describe(sentence, () => {
      test(`DOWNLINK_REQUIRE names ${name}`, () => {
        throw new Error(`${name} is missing: ${verdict.fail}`);
      });
    });
  } else {
    // The reason is a title of its own, by which the reporter sums up what was skipped for it.
    describe.skip(`${name}, skipped: ${verdict.skip}`, () => {
      describe(sentence, registered);
    });
  }
}
