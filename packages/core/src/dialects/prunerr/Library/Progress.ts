/** The progress of a library scan, in Prunerr's stages. */
import { Option, Schema, Stream } from "effect"
import type { Jobs } from "../../../jobs/Jobs.ts"
import { hasEnded, type Run } from "../../../jobs/Run.ts"
import { SyncReport } from "../../../library/Sync.ts"

const decodeReport = Schema.decodeUnknownOption(SyncReport)

export const progressOf = (jobs: Jobs["Service"], runId: string): Stream.Stream<object> =>
  Stream.map(Stream.orDie(jobs.follow(runId)), toEvent)

const toEvent = (run: Run): object => {
  if (!hasEnded(run)) return runningEvent(run)
  if (!run.status.startsWith("completed")) {
    return { stage: "error", message: run.error?.message ?? `The scan was ${run.status}` }
  }
  const report = Option.getOrNull(decodeReport(run.result))
  const result =
    report === null ? {} : { result: { added: report.added, changed: report.changed, total: report.total } }
  return { stage: "complete", message: "Library scan complete", ...result }
}

const runningEvent = ({ progress }: Run): object => {
  if (progress === null) return { stage: "initializing", message: "Starting" }
  const { done, message, total } = progress
  const isLast = total !== null && done >= total
  return {
    stage: isLast ? "processing_items" : "scanning_library",
    message,
    libraryProgress: { current: done, total }
  }
}
