/** What processes say of a lane, all of them together. */
export interface ToldOfLane {
  /** Since the processes began. */
  readonly records: number;
  readonly restores: number;
  /** Seconds since 1970. */
  readonly lastCommit: number | undefined;
}

export interface Scraped {
  /** By `<stage> <partition>`. */
  readonly lanes: ReadonlyMap<string, ToldOfLane>;
  /** The form of its transactions, by stage. */
  readonly forms: ReadonlyMap<string, string>;
  /** Of those that did not answer. */
  readonly notes: readonly string[];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks processes for their /metrics; one that does not answer is a note and no failure. */
export async function scrape(urls: readonly string[]): Promise<Scraped> {
  const notes: string[] = [];
  const asked = urls.map(async (url) => {
    try {
      const answer = await fetch(addressOf(url), { signal: AbortSignal.timeout(2_000) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return samplesIn(await answer.text());
    } catch (thrown) {
      notes.push(`${url}: no metrics (${thrown instanceof Error ? thrown.message : String(thrown)})`);
      return [];
    }
  });
  return { ...toldIn((await Promise.all(asked)).flat()), notes };
}

const addressOf = (url: string): URL => {
  const address = new URL(url);
  return address.pathname === '/' ? new URL('/metrics', address) : address;
};

/** The lines of Prometheus' text format that are samples. Labels of downlink hold no quotes. */
export function samplesIn(text: string): readonly Sample[] {
  return [...text.matchAll(/^(\w+)\{([^}]*)\} (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text] as const),
    ),
    value: Number(value),
  }));
}

function toldIn(samples: readonly Sample[]): Omit<Scraped, 'notes'> {
  const lanes = new Map<string, ToldOfLane>();
  const forms = new Map<string, string>();
  for (const { name, labels, value } of samples) {
    const { stage = '', partition = '', form } = labels;
    if (name === 'downlink_commit_seconds_count' && form !== undefined && value > 0) forms.set(stage, form);
    const key = `${stage} ${partition}`;
    const known = lanes.get(key) ?? { records: 0, restores: 0, lastCommit: undefined };
    if (name === 'downlink_committed_records_total') lanes.set(key, { ...known, records: known.records + value });
    if (name === 'downlink_restored_lanes_total') lanes.set(key, { ...known, restores: known.restores + value });
    if (name === 'downlink_last_commit_timestamp_seconds')
      lanes.set(key, { ...known, lastCommit: Math.max(known.lastCommit ?? 0, value) });
  }
  return { lanes, forms };
}
