/** Jobs, their schedules, their runs and logs. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { JobSchedule, RunStatus, ScheduleChange } from "../../jobs/Job.ts"
import { JobNotFound, RunNotCancellable, RunNotEnded, RunNotFound, RunQueuedOtherwise } from "../../jobs/JobErrors.ts"
import { JobInfo, Run, RunLog } from "../../jobs/Run.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, NeedsScope, pageOf, paging } from "../Common.ts"

const jobPath = { name: Id }

export class JobsApi extends HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.get("list", "/jobs", { success: listOf(JobInfo) }).annotateMerge(about("List jobs")),
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
      payload: Schema.Struct({ options: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)) }),
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [JobNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(
      about(
        "Start a job",
        "Queued while it runs. Options override its settings for this run; a run with the same options that waits already is answered, one with other options is a conflict."
      )
    ),
    HttpApiEndpoint.put("setSchedule", "/jobs/:name/schedule", {
      params: jobPath,
      payload: ScheduleChange,
      success: JobInfo,
      error: [JobNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Change a schedule", "Cron in a named time zone, or an interval; `null` = runs only when asked.")
      ),
    HttpApiEndpoint.delete("resetSchedule", "/jobs/:name/schedule", {
      params: jobPath,
      success: JobInfo,
      error: JobNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Back to the job's own schedule")),
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
      query: { job: Schema.optionalKey(Id), status: Schema.optionalKey(RunStatus), ...paging },
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
      error: [RunNotFound, RunNotEnded, JobNotFound, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(about("Run again with the same options")),
    HttpApiEndpoint.get("logs", "/job-runs/:id/logs", {
      params: idPath,
      query: { after: Schema.optionalKey(Id), limit: paging.limit },
      success: pageOf(RunLog),
      error: [RunNotFound, InvalidRequest]
    }).annotateMerge(about("Log of a run", "Oldest line first; `after` = id of the last line seen."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Repeatable work: jobs, their schedules, their runs with progress and logs.") {}
