/** Differences between what was recorded and what came, by their paths. Fields that the recording does not have do not matter. */
export function differences(expected: unknown, actual: unknown, path = ''): readonly string[] {
  const differ = (): readonly string[] => [`${path || 'answer'}: expected ${shown(expected)}, got ${shown(actual)}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differ();
    return expected.flatMap((one, index) => differences(one, actual[index], `${path}[${index}]`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return differ();
    return Object.entries(expected).flatMap(([name, value]) =>
      unheeded.has(name)
        ? []
        : differences(value, (actual as Record<string, unknown>)[name], path === '' ? name : `${path}.${name}`),
    );
  }
  if (equal(expected, actual)) return [];
  return differ();
}

/** Times, and what this repository's messages do not carry (`optimization`: pinned memory, which a CPU has none of). */
const unheeded = new Set([
  'at_ms',
  'after_ms',
  'ns',
  'last_inference',
  'took_ms',
  'optimization',
  'code',
  'state_changed_after_s',
]);

/** The recording has 64-bit numbers as texts, and -0 as 0. */
function equal(expected: unknown, actual: unknown): boolean {
  if (Object.is(expected, actual) || expected === actual) return true;
  if (typeof expected === 'string' && typeof actual === 'number') return expected === String(actual);
  if (typeof expected === 'string' && typeof actual === 'string') return expected.replaceAll(/<repo>/g, '') === actual;
  return false;
}

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};

/** Within 30 % of what was recorded, and what a busy machine adds. */
export const lateOrEarly = (recordedMs: number, ms: number): string | undefined =>
  recordedMs < 150 || (ms >= recordedMs * 0.7 - 10 && ms <= recordedMs * 1.3 + 60)
    ? undefined
    : `took ${Math.round(ms)} ms, recorded are ${recordedMs} ms`;
