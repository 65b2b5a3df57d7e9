// Generated from schemas/ by `npm run generate`; do not edit.

import type { Anomaly } from './anomaly.ts';
import type { DetectorState } from './detector-state.ts';
import type { EntityState } from './entity-state.ts';
import type { JobCancel } from './job-cancel.ts';
import type { JobResult } from './job-result.ts';
import type { Job } from './job.ts';
import type { Samples } from './samples.ts';
import type { Scores } from './scores.ts';
import type { TelemetryBlock } from './telemetry-block.ts';
import type { Telemetry } from './telemetry.ts';

/** Every record schema by the name of its file in schemas/. */
export interface Records {
  readonly anomaly: Anomaly;
  readonly 'detector-state': DetectorState;
  readonly 'entity-state': EntityState;
  readonly 'job-cancel': JobCancel;
  readonly 'job-result': JobResult;
  readonly job: Job;
  readonly samples: Samples;
  readonly scores: Scores;
  readonly 'telemetry-block': TelemetryBlock;
  readonly telemetry: Telemetry;
}

export type SchemaName = keyof Records;
