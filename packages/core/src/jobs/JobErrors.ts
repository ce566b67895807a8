/** What can be wrong with a request about jobs. A bad schedule or bad options are an `InvalidRequest` naming the field. */
import { Schema, SchemaIssue } from "effect"
import { InvalidRequest, type Issue, Problem } from "../problems/Problem.ts"
import { RunStatus } from "./Job.ts"

export class JobNotFound extends Problem<JobNotFound>()(
  "JobNotFound",
  { code: "job-not-found", status: 404, title: "There is no such job" },
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

/** The options of a run that its job cannot read, with the path of each. */
export const invalidOptions = (error: Schema.SchemaError): InvalidRequest => {
  const errors = formatIssues(error.issue).issues.map((issue): Issue => ({
    path: ["payload", "options", ...(issue.path ?? []).map(segment)],
    message: issue.message
  }))
  return new InvalidRequest({ detail: "The options of the run are not valid", errors })
}

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const segment = (part: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof part === "object" ? part.key : part
  return typeof key === "symbol" ? String(key) : key
}
