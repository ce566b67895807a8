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
    Id.annotate({
      description: "Id of one of the job's `subjects`; required if the job has subjects, refused otherwise."
    })
  )
}

export class JobsApi extends HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.get("list", "/jobs", { success: listOf(JobInfo) }).annotateMerge(
      about(
        "List jobs",
        "One entry per job. A job that runs separately for each of several subjects, for example for each integration, lists them in `subjects`, each with its own schedule and runs."
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
            description: "Seconds to wait for the run to end before responding."
          })
        )
      },
      payload: Schema.Struct({
        subject: ofSubject.subject,
        options: Schema.optionalKey(
          Values.annotate({ description: "As described by the job's `optionsSchema`. Unknown options are refused." })
        )
      }),
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [JobNotFound, JobSubjectNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(
      about(
        "Start a job",
        "The run is queued while another run for the same subject is in progress, or while a run that excludes it is in progress; `progress` then names that run. Options override the job's settings for this run. If a run with the same options is already waiting, that run is returned; if a run with other options is waiting, the request is a conflict."
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
        about("Change a schedule", "Cron in a named time zone, or an interval; `null` = runs only on request.")
      ),
    HttpApiEndpoint.delete("resetSchedule", "/jobs/:name/schedule", {
      params: jobPath,
      query: ofSubject,
      success: JobInfo,
      error: [JobNotFound, JobSubjectNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Reset a schedule to the job's default")),
    HttpApiEndpoint.get("settings", "/jobs/:name/settings", {
      params: jobPath,
      query: ofSubject,
      success: JobSettingsState,
      error: [JobNotFound, JobSubjectNotFound, JobWithoutSettings, InvalidRequest]
    }).annotateMerge(about("Settings of a job", "They apply to every run. The ETag is for `If-Match`.")),
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
          "As described by the job's `settingsSchema`. Given keys replace the stored ones, nested objects are merged, omitted keys are kept. A run in progress continues with the settings it started with."
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
      .annotateMerge(about("Reset the settings of a job to the defaults")),
    HttpApiEndpoint.post("nextRuns", "/schedules/next-runs", {
      payload: Schema.Struct({
        schedule: JobSchedule,
        count: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
      }),
      success: listOf(Schema.String),
      error: InvalidRequest
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(about("Upcoming times of a schedule", "Validates the schedule as well.")),
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
      about("One run", "Includes live progress.")
    ),
    HttpApiEndpoint.post("cancel", "/job-runs/:id/cancel", {
      params: idPath,
      success: Run,
      error: [RunNotFound, RunNotCancellable]
    }).annotateMerge(about("Cancel a run", "Takes effect within two seconds.")),
    HttpApiEndpoint.post("retry", "/job-runs/:id/retry", {
      params: idPath,
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [RunNotFound, RunNotEnded, JobNotFound, JobSubjectNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(about("Run again with the same options", "And for the same subject.")),
    HttpApiEndpoint.get("logs", "/job-runs/:id/logs", {
      params: idPath,
      query: { after: Schema.optionalKey(Id), limit: paging.limit },
      success: pageOf(RunLog),
      error: [RunNotFound, InvalidRequest]
    }).annotateMerge(about("Log of a run", "Oldest line first; `after` = id of the last line seen."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Jobs, their schedules, and their runs with progress and logs.") {}
