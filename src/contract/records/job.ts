// Generated from schemas/job.avsc by `npm run generate`; do not edit.

/** A series that a client wants a model's answer to. Once it is in the log it gets one result. */
export interface Job {
  /** Never given twice, but for a request that is sent again. */
  readonly id: string;
  /** The name of the API key that it was submitted with; empty where there are no keys. */
  readonly owner: string;
  /** The model in the model repository that answers. */
  readonly model: string;
  /** The series, oldest first. */
  readonly data: readonly number[];
  /** How many steps are asked for; null for models that do not forecast. */
  readonly forecast_steps: null | number;
  /** When the API took it. */
  readonly submitted_at: number;
  /** The job that this one does again. */
  readonly retry_of: null | string;
}
