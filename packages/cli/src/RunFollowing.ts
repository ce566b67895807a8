/** Starts a job and follows its run to the end, showing progress. */
import { hasEnded } from "@tendarr/core/jobs/Run"
import type { Run, SyncReport } from "@tendarr/sdk-client"
import { Console, Effect, Schema } from "effect"
import type { Connection } from "./connection/Connection.ts"
import { troubled } from "./Failure.ts"
import { bar, clean } from "./output/Format.ts"
import { makeProgress } from "./output/Progress.ts"

const pollMillis = 200

/** Options that are `undefined` are left to the job. Returns the ended run, whatever its status. */
export const startAndFollow = Effect.fnUntraced(function* (
  connection: Connection,
  job: string,
  options: Readonly<Record<string, unknown>>,
  subject?: string
) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const body = { ...(subject === undefined ? {} : { subject }), options: given }
  return yield* followRun(
    connection,
    yield* connection.ask((client) => client.jobs.start({ path: { name: job }, body }))
  )
})

/** Returns the ended run. */
export const followRun = (connection: Connection, started: Run) =>
  Effect.scoped(
    Effect.gen(function* () {
      const progress = yield* makeProgress
      let run = started
      while (!hasEnded(run)) {
        yield* progress.show(progressOf(run))
        yield* Effect.sleep(pollMillis)
        run = yield* connection.ask((client) => client.jobs.run({ path: { id: started.id } }))
      }
      return run
    })
  ).pipe(
    Effect.onInterrupt(() =>
      connection.server === null
        ? Effect.void
        : Console.error(`Run ${started.id} of ${jobOf(started)} continues at ${connection.server}`)
    )
  )

/** `library-sync [#####-----] 3/6: Radarr`, with the bar and the count if the run reports numbers. */
export const progressOf = (run: Run): string => {
  const job = jobOf(run)
  const { progress } = run
  if (run.status === "queued") return `${job}: ${progress?.message ?? "waiting for the previous run"}`
  if (progress === null) return `${job}: started`
  const { done, message, total } = progress
  if (total === null) return `${job}${done === 0 ? "" : ` ${done}`}: ${message}`
  return total === 0 ? `${job}: ${message}` : `${job} ${bar((done / total) * 100)} ${done}/${total}: ${message}`
}

/** `search (Radarr 4K)` for a run for one of several subjects. */
export const jobOf = ({ job, subject }: Run): string => (subject === undefined ? job : `${job} (${subject.name})`)

/** The report of a sync; `null` if it did not get that far. */
export const syncReportOf = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<SyncReport | null> {
  if (run.result === null) return null
  const sync = yield* Effect.promise(() => import("@tendarr/core/library/Sync"))
  const { contents, integrations, ...totals } = yield* Effect.orDie(
    Schema.decodeUnknownEffect(sync.SyncReport)(run.result)
  )
  return {
    ...totals,
    contents: [...contents],
    integrations: integrations.map(({ odd, ...one }) => ({ ...one, odd: { ...odd, told: [...odd.told] } }))
  }
})

/** Prints the errors of a run from its log to standard error. */
export const printErrors = Effect.fnUntraced(function* (connection: Connection, run: Run) {
  if (run.errors === 0) return
  const { items } = yield* connection.ask((client) => client.jobs.logs({ path: { id: run.id }, query: { limit: 200 } }))
  for (const line of items) {
    if (line.level === "error") yield* Console.error(clean(line.message))
  }
})

/** Fails unless the run has completed without errors. */
export const expectCompleted = (run: Run) =>
  run.status === "completed"
    ? Effect.void
    : Effect.fail(
        troubled(
          `Run ${run.id} of ${jobOf(run)} ended ${run.status}${run.error === null ? "" : `: ${clean(run.error.message)}`}`
        )
      )
