/** Jobs, their schedules, their runs and logs. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { JobSchedule, RunStatus, ScheduleChange } from "../../jobs/Job.ts"
import {
  JobNotFound,
  JobSubjectNotFound,
  JobWithoutSettings,
  RunNotCancellable,
  RunNotEnded,
  RunNotFound,
  RunQueuedOtherwise
} from "../../jobs/JobErrors.ts"
import { JobSettingsState } from "../../jobs/Jobs/JobSettings.ts"
import { JobInfo, Run, RunLog } from "../../jobs/Run.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { SettingsChanged } from "../../settings/StoredSettings.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, NeedsScope, pageOf, paging, preconditions } from "../Common.ts"

const jobPath = { name: Id }

const Values = Schema.Record(Schema.String, Schema.Unknown)

const ofSubject = {
  subject: Schema.optionalKey(
    Id.annotate({ description: "Id of one of `subjects` of the job; needed where it has any, else refused." })
  )
}

export class JobsApi extends HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.get("list", "/jobs", { success: listOf(JobInfo) }).annotateMerge(
      about(
        "List jobs",
        "One entry for each job. A job that runs for each of several subjects apart, for instance for each integration, tells them in `subjects`, each with its own schedule and runs."
      )
    ),
    HttpApiEndpoint.get("get", "/jobs/:name", { params: jobPath, success: JobInfo, error: JobNotFound }).annotateMerge(
      about("One job")
    ),
    HttpApiEndpoint.post("start", "/jobs/:name/runs", {
      params: jobPath,
      query: {
        wait: Schema.optionalKey(
          Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })).annotate({
            description: "Seconds to wait for the end of the run before answering."
          })
        )
      },
      payload: Schema.Struct({
        subject: ofSubject.subject,
        options: Schema.optionalKey(
          Values.annotate({ description: "As `optionsSchema` of the job says. An unknown one is refused." })
        )
      }),
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [JobNotFound, JobSubjectNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(
      about(
        "Start a job",
        "Queued while it runs for the same subject, or while a run goes on that excludes it, which `progress` then names. Options override its settings for this run; a run with the same options that waits already is answered, one with other options is a conflict."
      )
    ),
    HttpApiEndpoint.put("setSchedule", "/jobs/:name/schedule", {
      params: jobPath,
      query: ofSubject,
      payload: ScheduleChange,
      success: JobInfo,
      error: [JobNotFound, JobSubjectNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Change a schedule", "Cron in a named time zone, or an interval; `null` = runs only when asked.")
      ),
    HttpApiEndpoint.delete("resetSchedule", "/jobs/:name/schedule", {
      params: jobPath,
      query: ofSubject,
      success: JobInfo,
      error: [JobNotFound, JobSubjectNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Back to the job's own schedule")),
    HttpApiEndpoint.get("settings", "/jobs/:name/settings", {
      params: jobPath,
      query: ofSubject,
      success: JobSettingsState,
      error: [JobNotFound, JobSubjectNotFound, JobWithoutSettings, InvalidRequest]
    }).annotateMerge(about("Settings of a job", "What holds for every run. Its ETag is for `If-Match`.")),
    HttpApiEndpoint.patch("patchSettings", "/jobs/:name/settings", {
      params: jobPath,
      query: ofSubject,
      headers: preconditions,
      payload: Values,
      success: JobSettingsState,
      error: [JobNotFound, JobSubjectNotFound, JobWithoutSettings, InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Change settings of a job",
          "As `settingsSchema` of the job says. Keys that are given replace, nested objects merge, what is left out stays; a run that is under way goes on with what it began with."
        )
      ),
    HttpApiEndpoint.delete("resetSettings", "/jobs/:name/settings", {
      params: jobPath,
      query: ofSubject,
      headers: preconditions,
      success: JobSettingsState,
      error: [JobNotFound, JobSubjectNotFound, JobWithoutSettings, InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Settings of a job back to the defaults")),
    HttpApiEndpoint.post("nextRuns", "/schedules/next-runs", {
      payload: Schema.Struct({
        schedule: JobSchedule,
        count: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
      }),
      success: listOf(Schema.String),
      error: InvalidRequest
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(about("When a schedule would run", "Checks it too.")),
    HttpApiEndpoint.get("runs", "/job-runs", {
      query: {
        job: Schema.optionalKey(Id),
        subject: Schema.optionalKey(Id),
        status: Schema.optionalKey(RunStatus),
        ...paging
      },
      success: pageOf(Run),
      error: InvalidRequest
    }).annotateMerge(about("List runs", "Newest first.")),
    HttpApiEndpoint.get("run", "/job-runs/:id", { params: idPath, success: Run, error: RunNotFound }).annotateMerge(
      about("One run", "With live progress.")
    ),
    HttpApiEndpoint.post("cancel", "/job-runs/:id/cancel", {
      params: idPath,
      success: Run,
      error: [RunNotFound, RunNotCancellable]
    }).annotateMerge(about("Cancel a run", "Within two seconds.")),
    HttpApiEndpoint.post("retry", "/job-runs/:id/retry", {
      params: idPath,
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [RunNotFound, RunNotEnded, JobNotFound, JobSubjectNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(about("Run again with the same options", "For the same subject.")),
    HttpApiEndpoint.get("logs", "/job-runs/:id/logs", {
      params: idPath,
      query: { after: Schema.optionalKey(Id), limit: paging.limit },
      success: pageOf(RunLog),
      error: [RunNotFound, InvalidRequest]
    }).annotateMerge(about("Log of a run", "Oldest line first; `after` = id of the last line seen."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Repeatable work: jobs, their schedules, their runs with progress and logs.") {}
