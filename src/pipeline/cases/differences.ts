import type { ExpectedLetter, ExpectedRecord } from './expected.ts';

/** A record that came, decoded where it can be. */
export interface CameRecord {
  readonly key: string | null;
  readonly partition: number;
  readonly timestamp: number;
  readonly value: unknown;
  readonly bytes: Buffer | null;
}

export interface CameLetter {
  readonly code: string;
  readonly stage: string;
  readonly key: string | null;
  readonly samples: readonly number[] | null;
  readonly detail: string;
}

/** Kafka keeps the order of each key, and so does what is expected; between keys there is none. */
export function recordDifferences(
  topic: string,
  expected: readonly ExpectedRecord[],
  came: readonly CameRecord[],
): readonly string[] {
  const keys = new Set<string | null>([...expected, ...came].map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const [wanted, found] = [expected, came].map((records) => records.filter((one) => one.key === key)) as [
      ExpectedRecord[],
      CameRecord[],
    ];
    return Array.from({ length: Math.max(wanted.length, found.length) }, (_, i) =>
      ofRecord(wanted[i], found[i]).map((what) => `${topic}, ${key ?? 'no key'}, record ${i}: ${what}`),
    ).flat();
  });
}

function ofRecord(wanted: ExpectedRecord | undefined, found: CameRecord | undefined): readonly string[] {
  if (found === undefined) {
    const named = wanted?.value ?? wanted?.bytes;
    return [named === undefined ? 'did not come' : `did not come: ${printed(named)}`];
  }
  if (wanted === undefined) return [`came and was not expected: ${printed(found.value)}`];
  return (['partition', 'timestamp', 'value', 'bytes'] as const).flatMap((part) =>
    wanted[part] === undefined ? [] : differences(part, wanted[part], found[part]),
  );
}

/** Letters in any order: partitions have none between them. */
export function letterDifferences(expected: readonly ExpectedLetter[], came: readonly CameLetter[]): readonly string[] {
  const left = [...came];
  const missed = expected.filter((wanted) => {
    const fitting = left.findIndex((one) => ofLetter(wanted, one).length === 0);
    if (fitting >= 0) left.splice(fitting, 1);
    return fitting < 0;
  });
  return Array.from({ length: Math.max(missed.length, left.length) }, (_, i): readonly string[] => {
    const [wanted, found] = [missed[i], left[i]];
    if (found === undefined) return [`a dead letter did not come: ${printed(wanted)}`];
    const name = `dead letter ${found.code} of ${found.key ?? 'no key'} (${found.detail})`;
    if (wanted === undefined) return [`${name}: came and was not expected`];
    return ofLetter(wanted, found).map((what) => `${name}: ${what}`);
  }).flat();
}

function ofLetter(wanted: ExpectedLetter, found: CameLetter): readonly string[] {
  const lacking = wanted.detail.filter((text) => !found.detail.includes(text));
  return [
    ...(['code', 'stage', 'key', 'samples'] as const).flatMap((part) =>
      wanted[part] === undefined ? [] : differences(part, wanted[part], found[part]),
    ),
    ...lacking.map((text) => `detail: does not contain \`${text}\``),
  ];
}

const mostShown = 3;

function differences(path: string, wanted: unknown, found: unknown): readonly string[] {
  if (wanted instanceof Uint8Array || found instanceof Uint8Array) {
    return printed(wanted) === printed(found) ? [] : [differs(path, wanted, found)];
  }
  if (isColumn(wanted) && isColumn(found)) {
    if (wanted.length !== found.length)
      return [`${path}: expected ${wanted.length}, came ${found.length}: ${printed(found)}`];
    const all = Array.from(wanted).flatMap((item, i) => differences(`${path}[${i}]`, item, found[i]));
    const more = all.length - mostShown;
    return more > 0 ? [...all.slice(0, mostShown), `${path}: and ${more} more`] : all;
  }
  if (isRecord(wanted) && isRecord(found)) {
    return Object.entries(wanted).flatMap(([name, item]) =>
      differences(path === 'value' ? name : `${path}.${name}`, item, found[name]),
    );
  }
  // NaN is what was expected where NaN came, and there are two zeros.
  return wanted === found || Object.is(wanted, found) ? [] : [differs(path, wanted, found)];
}

const differs = (path: string, wanted: unknown, found: unknown): string => {
  const show = /timestamp/.test(path) ? printedTime : printed;
  return `${path}: expected ${show(wanted)}, came ${show(found)}`;
};

const isColumn = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || value instanceof Float32Array;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isColumn(value);

const printedTime = (value: unknown): string =>
  typeof value === 'number' && Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : printed(value);

/** Short enough for a line: what repeats in a column is counted. */
function printed(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex') || 'no bytes';
  if (isColumn(value)) return `[${runs(Array.from(value, printed)).join(', ')}]`;
  if (isRecord(value)) {
    const fields = Object.entries(value).map(([name, item]) => `${name}: ${printed(item)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? value : String(value);
}

const mostRuns = 8;

function runs(items: readonly string[]): readonly string[] {
  const found: { readonly item: string; times: number }[] = [];
  for (const item of items) {
    const last = found.at(-1);
    if (last?.item === item) last.times += 1;
    else found.push({ item, times: 1 });
  }
  const shown = found.slice(0, mostRuns).map(({ item, times }) => (times === 1 ? item : `${times} × ${item}`));
  return found.length > mostRuns ? [...shown, '…'] : shown;
}
