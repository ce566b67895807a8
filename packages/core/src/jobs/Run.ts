/** One execution of a job, its log, and the public description of a job. */
import { Schema } from "effect"
import { JobSchedule, JobSubject, RunStatus } from "./Job.ts"

/** `start`: started when the server starts, for jobs that run once at that time. */
export const StartedBy = Schema.Literals(["schedule", "person", "job", "start"])
export type StartedBy = typeof StartedBy.Type

/** `total` is `null` while it is not known. */
export const RunProgress = Schema.Struct({
  done: Schema.Finite,
  total: Schema.NullOr(Schema.Finite),
  message: Schema.String
})
export type RunProgress = typeof RunProgress.Type

/** Why a run failed, for people; the stack is in the run's log. */
export const RunError = Schema.Struct({ message: Schema.String, code: Schema.optionalKey(Schema.String) })
export type RunError = typeof RunError.Type

export const RunOptions = Schema.Record(Schema.String, Schema.Unknown)
export type RunOptions = typeof RunOptions.Type

export const Run = Schema.Struct({
  id: Schema.String,
  job: Schema.String,
  subject: Schema.optionalKey(JobSubject).pipe(
    Schema.annotateKey({
      description: "Name of the subject at the time of the run; absent for jobs without subjects."
    })
  ),
  status: RunStatus,
  startedBy: StartedBy,
  /** Who started it. */
  actor: Schema.String,
  /** Includes the defaults at the start of the run, so that a retry does the same. */
  options: RunOptions,
  progress: Schema.NullOr(RunProgress).annotate({
    description: "For a queued run: what it waits for, if that is a run of another job."
  }),
  /** The result of the job; `null` before the end, and if it returned nothing. */
  result: Schema.Unknown,
  error: Schema.NullOr(RunError),
  queuedAt: Schema.String,
  startedAt: Schema.NullOr(Schema.String),
  endedAt: Schema.NullOr(Schema.String),
  /** Number of lines with level `error` in its log. */
  errors: Schema.Int
}).annotate({ identifier: "Run" })
export type Run = typeof Run.Type

export const hasEnded = (run: { readonly status: RunStatus }): boolean =>
  run.status !== "queued" && run.status !== "running"

export const RunLog = Schema.Struct({
  /** Increases within the log of a run; pass it as `after` to read the lines that follow. */
  id: Schema.String,
  at: Schema.String,
  level: Schema.Literals(["debug", "info", "warning", "error"]),
  message: Schema.String,
  data: Schema.NullOr(RunOptions)
}).annotate({ identifier: "RunLog" })
export type RunLog = typeof RunLog.Type

const standing = {
  /** The schedule that a person has set, else the job's own; `null` = runs only on request. */
  schedule: Schema.NullOr(JobSchedule),
  scheduleEnabled: Schema.Boolean,
  /** `null` without an enabled schedule, or if schedules are not started. */
  nextRunAt: Schema.NullOr(Schema.String),
  running: Schema.NullOr(Run),
  queued: Schema.NullOr(Run),
  /** The last run that has ended. */
  lastRun: Schema.NullOr(Run)
}

export const JobSubjectInfo = Schema.Struct({ ...JobSubject.fields, ...standing }).annotate({
  identifier: "JobOfSubject"
})
export type JobSubjectInfo = typeof JobSubjectInfo.Type

const JsonSchemaDocument = Schema.Record(Schema.String, Schema.Unknown)

export const JobInfo = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  description: Schema.String,
  destructive: Schema.Boolean,
  optionsSchema: JsonSchemaDocument.annotate({ description: "JSON Schema of the options of a run, to render a form." }),
  settingsSchema: Schema.NullOr(JsonSchemaDocument).annotate({
    description: "JSON Schema of the settings that apply to all runs; `null` = the job has no settings."
  }),
  ...standing,
  subjects: Schema.optionalKey(Schema.Array(JobSubjectInfo)).annotate({
    description:
      "The subjects that the job runs for, each separately. If present, `schedule` and the like above are the job's own, while `nextRunAt`, `running` and `queued` are those of whichever subject comes first."
  })
}).annotate({ identifier: "Job" })
export type JobInfo = typeof JobInfo.Type
