/** What can be wrong with a request about jobs. A bad schedule or bad options are an `InvalidRequest` naming the field. */
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

/** It is not there, or not there any more. */
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

/** It has ended already, or it is not a run of this server. */
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
 * A run of the job waits already, with other options, and there is room for one. Answering that one would drop what was asked
 * for now in silence.
 */
export class RunQueuedOtherwise extends Problem<RunQueuedOtherwise>()(
  "RunQueuedOtherwise",
  { code: "run-queued-otherwise", status: 409, title: "A run with other options is already waiting" },
  {
    detail: Schema.String,
    job: Schema.String,
    /** The run that waits. */
    runId: Schema.String,
    /** Its options. */
    options: RunOptions
  }
) {}

/** The options of a run that its job cannot read, with the path of each. */
export const invalidOptions = ({ issue }: Schema.SchemaError): InvalidRequest =>
  new InvalidRequest({ detail: "The options of the run are not valid", errors: issuesOf(issue, "payload", "options") })
