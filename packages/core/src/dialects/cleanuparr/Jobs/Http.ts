import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { cleaningJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import type { JobInfo } from "../../../jobs/Run.ts"
import { refusing } from "../../frame/Values.ts"
import { scheduleText } from "../../frame/Schedules.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"
import { NotHere } from "../Problems.ts"
import { jobTypeOf, jobTypes, queueCleaner } from "../Terms.ts"

export const JobsHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "jobs",
  Effect.fn(function* (handlers) {
    const jobs = yield* Jobs
    const cleaning = jobs.get(cleaningJob)
    const typeIn = (name: string) => {
      const type = jobTypeOf(name)
      return type === undefined
        ? Effect.fail(new NotHere({ detail: `"${name}" is none of Cleanuparr's jobs: ${jobTypes.join(", ")}` }))
        : Effect.succeed(type)
    }
    return handlers.handleAll({
      list: () => refusing(Effect.map(cleaning, (info) => jobTypes.map(toJob(info)))),
      get: ({ params }) =>
        refusing(Effect.flatMap(typeIn(params.jobType), (type) => Effect.map(cleaning, (info) => toJob(info)(type)))),
      trigger: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const type = yield* typeIn(params.jobType)
            if (type !== queueCleaner) {
              return yield* new NotHere({ detail: `Tendarr has no ${type}: only ${queueCleaner} can be started` })
            }
            const { subjects = [] } = yield* cleaning
            for (const { id } of subjects) yield* jobs.start(cleaningJob, { subject: id, startedBy: "person" })
            return { message: `${queueCleaner} was started for ${subjects.length} download client(s)` }
          })
        )
    })
  })
)

const toJob =
  ({ lastRun, nextRunAt, running, schedule, scheduleEnabled }: JobInfo) =>
  (type: string) =>
    type === queueCleaner
      ? {
          name: type,
          status:
            running !== null
              ? ("Running" as const)
              : schedule === null
                ? ("Not Scheduled" as const)
                : scheduleEnabled
                  ? ("Scheduled" as const)
                  : ("Paused" as const),
          schedule: scheduleText(schedule) ?? "",
          nextRunTime: nextRunAt,
          previousRunTime: lastRun?.startedAt ?? null,
          jobType: type
        }
      : {
          name: type,
          status: "Not Scheduled" as const,
          schedule: "",
          nextRunTime: null,
          previousRunTime: null,
          jobType: type
        }
