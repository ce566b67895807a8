import { Effect, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { capacityJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import type { Run } from "../../../jobs/Run.ts"
import { PlanReport } from "../../../removals/Planner.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { ok, messageOnly, whole } from "../Bodies.ts"
import { ScanRunning } from "../Problems.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

export const ScanHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "scan",
  Effect.fn(function* (handlers) {
    const jobs = yield* Jobs
    const job = refusing(jobs.get(capacityJob))
    return handlers.handleAll({
      status: () =>
        Effect.map(job, ({ lastRun, nextRunAt, running }) =>
          ok({ isRunning: running !== null, lastScan: lastRun === null ? null : toScan(lastRun), nextRun: nextRunAt })
        ),
      latest: () => Effect.map(job, ({ lastRun }) => ok(lastRun === null ? null : toScan(lastRun))),
      history: ({ query }) =>
        refusing(
          Effect.map(jobs.runs({ job: capacityJob, limit: query.limit ?? 20 }), ({ items }) => whole(items.map(toScan)))
        ),
      trigger: () =>
        refusing(
          Effect.gen(function* () {
            if ((yield* job).running !== null) return yield* new ScanRunning({ detail: "a scan" })
            yield* jobs.start(capacityJob, { startedBy: "person" })
            return messageOnly("Scan started")
          })
        )
    })
  })
)

const decodeReport = Schema.decodeUnknownOption(PlanReport)

const toScan = ({ endedAt, id, result, startedAt, status }: Run) => {
  const report = decodeReport(result)
  return {
    id: numberOf(id),
    startedAt,
    completedAt: endedAt,
    itemsScanned: report._tag === "Some" ? report.value.evaluated : null,
    itemsFlagged: report._tag === "Some" ? report.value.proposed + report.value.scheduled : null,
    status:
      endedAt === null
        ? ("running" as const)
        : status.startsWith("completed")
          ? ("completed" as const)
          : ("failed" as const)
  }
}
