import type { Static } from '@sinclair/typebox';
import type * as shapes from '../../api/shapes.ts';

/** What the API answers with, where it does what it was asked. */
export type Model = Static<typeof shapes.models>['models'][number];
export type Result = Static<typeof shapes.result>;
export type ResultPage = Static<typeof shapes.page>;
export type JobStatus = Static<typeof shapes.jobStatus>;
export type Submitted = Static<typeof shapes.submitted>;
export type Summary = Static<typeof shapes.summary>;
export type Health = Static<typeof shapes.health>;
