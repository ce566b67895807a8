/** Errors of requests about jobs. A bad schedule or bad options are an `InvalidRequest` that names the field. */
import { Schema } from "effect"
import { issuesOf } from "../problems/Decode.ts"
import { InvalidRequest, Problem } from "../problems/Problem.ts"
import { RunStatus } from "./Job.ts"
import { RunOptions } from "./Run.ts"

export class JobNotFound extends Problem<JobNotFound>()(
  "JobNotFound",
  { code: "job-not-found", status: 404, title: "There is no such job" },
  { job: Schema.String }
) {}

/** It does not exist, or no longer exists. */
export class JobSubjectNotFound extends Problem<JobSubjectNotFound>()(
  "JobSubjectNotFound",
  { code: "job-subject-not-found", status: 404, title: "The job has no such subject" },
  { detail: Schema.String, job: Schema.String, subject: Schema.String }
) {}

export class JobWithoutSettings extends Problem<JobWithoutSettings>()(
  "JobWithoutSettings",
  { code: "job-without-settings", status: 404, title: "The job has no settings" },
  { job: Schema.String }
) {}

export class RunNotFound extends Problem<RunNotFound>()(
  "RunNotFound",
  { code: "run-not-found", status: 404, title: "There is no such run" },
  { runId: Schema.String }
) {}

/** It has already ended, or is not a run of this server. */
export class RunNotCancellable extends Problem<RunNotCancellable>()(
  "RunNotCancellable",
  { code: "run-not-cancellable", status: 409, title: "The run cannot be cancelled" },
  { runId: Schema.String, runStatus: RunStatus }
) {}

export class RunNotEnded extends Problem<RunNotEnded>()(
  "RunNotEnded",
  { code: "run-not-ended", status: 409, title: "The run has not ended yet" },
  { runId: Schema.String, runStatus: RunStatus }
) {}

/**
 * A run of the job with other options is already waiting, and only one run can wait. Returning that run would silently
 * drop the options of this request.
 */
export class RunQueuedOtherwise extends Problem<RunQueuedOtherwise>()(
  "RunQueuedOtherwise",
  { code: "run-queued-otherwise", status: 409, title: "A run with other options is already waiting" },
  {
    detail: Schema.String,
    job: Schema.String,
    /** The waiting run. */
    runId: Schema.String,
    /** Its options. */
    options: RunOptions
  }
) {}

/** Options that the job cannot decode, with the path of each. */
export const invalidOptions = ({ issue }: Schema.SchemaError): InvalidRequest =>
  new InvalidRequest({ detail: "The options of the run are not valid", errors: issuesOf(issue, "payload", "options") })
