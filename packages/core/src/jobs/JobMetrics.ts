/** Counts and durations of runs by job and status, for exporters of the process metrics. */
import { Effect, Metric } from "effect"
import type { Run } from "./Run.ts"

const runs = Metric.counter("tendarr_job_runs_total", { description: "Runs that have ended", incremental: true })

const durations = Metric.histogram("tendarr_job_run_duration_seconds", {
  description: "Duration of a run from start to end",
  boundaries: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600]
})

/** Counts an ended run. A run that never started has no duration. */
export const countRun = (run: Run): Effect.Effect<void> => {
  const attributes = { job: run.job, status: run.status }
  const counted = Metric.update(Metric.withAttributes(runs, attributes), 1)
  if (run.startedAt === null || run.endedAt === null) return counted
  const seconds = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1_000
  return Effect.andThen(counted, Metric.update(Metric.withAttributes(durations, attributes), seconds))
}
