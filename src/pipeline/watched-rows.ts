import { openDetector } from '../stages/detect/detector.ts';
import type { Row } from '../stages/detect/rules/rule.ts';
import type { EntitySettings } from '../stages/detect/settings.ts';

/** What detect says of rows that no model has seen. */
export interface Watched {
  /** Not 0 where a rule alarms. */
  readonly flags: Uint8Array;
  /** 1 where an alarm begins; 0 where there is none. */
  readonly severity: Float64Array;
}

/** Quiet rows first; of each watched sensor all of its rows. */
export function watchRows(
  settings: EntitySettings,
  quiet: readonly (readonly Row[])[],
  rows: readonly (readonly Row[])[],
): Watched {
  const detector = openDetector(settings);
  detector.prime(quiet);
  const count = rows[0]?.length ?? 0;
  const [flags, severity] = [new Uint8Array(count), new Float64Array(count)];
  for (let at = 0; at < count; at++) {
    const row = rows.flatMap((column) => column[at] ?? []);
    for (const { alarm } of detector.judge(row)) {
      flags[at] = 1;
      severity[at] = Math.max(severity[at] ?? 0, alarm.severity);
    }
  }
  return { flags, severity };
}
