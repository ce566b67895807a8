/** Cleanuparr's jobs. Tendarr has one of them: the rules about downloads, which run for each download client. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"

export class Job extends Schema.Opaque<Job>()(
  Schema.Struct({
    name: Schema.String,
    status: Schema.Literals(["Running", "Scheduled", "Paused", "Not Scheduled"]),
    schedule: Schema.String,
    nextRunTime: Schema.NullOr(Schema.String),
    previousRunTime: Schema.NullOr(Schema.String),
    jobType: Schema.String
  })
) {}

const ofType = { jobType: Schema.String.check(Schema.isMaxLength(100)) }

export class JobsApi extends HttpApiGroup.make("jobs").add(
  HttpApiEndpoint.get("list", "/api/jobs", { success: Schema.Array(Job) }).annotateMerge(about("List jobs")),
  HttpApiEndpoint.get("get", "/api/jobs/:jobType", { params: ofType, success: Job }).annotateMerge(about("One job")),
  HttpApiEndpoint.post("trigger", "/api/jobs/:jobType/trigger", {
    params: ofType,
    success: Schema.Struct({ message: Schema.String })
  }).annotateMerge(
    about("Run a job now", "`QueueCleaner`, for every download client. 404 for jobs that Tendarr does not have.")
  )
) {}
