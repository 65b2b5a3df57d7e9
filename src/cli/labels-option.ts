import { readFileSync } from 'node:fs';
import { DownlinkError } from '../errors.ts';
import { labelsInFile, labelsInTelemetry, type Labels } from '../pipeline/judged/labels.ts';
import { labeledAnomalies } from '../replay/labels.ts';

/** What is known of a running system beforehand: what a file says or, without one, what came with its telemetry. */
export function labelsFrom(file: string | undefined): Labels {
  if (file === undefined) return labelsInTelemetry();
  try {
    return labelsInFile(labeledAnomalies(file, readFileSync(file, 'utf8')));
  } catch (thrown) {
    if (thrown instanceof DownlinkError) throw thrown;
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DownlinkError('telemetry-unusable', `--labels ${file}: it cannot be read (${why})`);
  }
}
