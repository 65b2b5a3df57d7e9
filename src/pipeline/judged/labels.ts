import { keyOfEntity } from '../../config/entities-named.ts';
import type { Entity } from '../../config/topology.ts';
import type { Records } from '../../contract/index.ts';
import { labelRuns, type Label } from './label-runs.ts';

export type Telemetry = Records['telemetry'] | Records['telemetry-block'];

/** What is known of entities beforehand. Rows are the source's own numbers. */
export interface Labels {
  /** A record of telemetry, which says it of its own samples; absent where a file says it. */
  readonly take?: (telemetry: Telemetry) => void;
  /** Undefined where nothing is known, which is not the same as having no anomaly. */
  readonly of: (entity: Entity) => readonly Label[] | undefined;
  /** Whoever has labels, and cannot use them. */
  readonly unusable: () => readonly string[];
}

/** Of a file, by the name of the entity. */
export const labelsInFile = (spans: ReadonlyMap<string, readonly Label[]>): Labels => ({
  of: ({ name }) => spans.get(name),
  unusable: () => [],
});

interface Known {
  readonly kinds: Map<number, readonly string[]>;
  /** Samples with labels and without a number. */
  unnumbered: number;
}

/** As telemetry came with them. */
export function labelsInTelemetry(): Labels {
  const byEntity = new Map<string, Known>();
  const knownOf = (key: string): Known => {
    const known = byEntity.get(key) ?? { kinds: new Map(), unnumbered: 0 };
    byEntity.set(key, known);
    return known;
  };
  return {
    take: (telemetry) => {
      const { labels, indices } = columnsOf(telemetry);
      if (labels === null) return;
      const known = knownOf(`${telemetry.satellite_id}/${telemetry.entity}`);
      for (const [at, kinds] of labels.entries()) {
        const index = indices?.[at];
        if (index === undefined) known.unnumbered += 1;
        else if (kinds.length > 0) known.kinds.set(index, kinds);
        // What came twice is as it came last.
        else known.kinds.delete(index);
      }
    },
    of: (entity) => {
      const known = byEntity.get(keyOfEntity(entity));
      if (known === undefined || (known.kinds.size === 0 && known.unnumbered > 0)) return undefined;
      return labelRuns([...known.kinds].sort(([a], [b]) => a - b));
    },
    unusable: () =>
      [...byEntity]
        .filter(([, { unnumbered }]) => unnumbered > 0)
        .map(
          ([key, { unnumbered }]) =>
            `${key}: ${unnumbered} labels are of samples without an index, and cannot be matched with their scores; ` +
            'number them at the source, or give --labels FILE',
        ),
  };
}

/** A single sample is a block of one. */
function columnsOf(telemetry: Telemetry) {
  if ('timestamps' in telemetry) return telemetry;
  const { labels, index } = telemetry;
  return { labels: labels === null ? null : [labels], indices: index === null ? null : [index] };
}
