// Generated from schemas/job-cancel.avsc by `npm run generate`; do not edit.

/** A job is not wanted any more. It comes behind the job in its partition, and is too late once that is being worked on. */
export interface JobCancel {
  /** Of the job. */
  readonly id: string;
  /** Of the job, too: nobody else may take it back. */
  readonly owner: string;
  /** When the API took it. */
  readonly cancelled_at: number;
}
