/** Starts a job and follows its run to the end, with its progress told on the way. */
import { hasEnded } from "@tendarr/core/jobs/Run"
import type { Run, SyncReport } from "@tendarr/sdk-client"
import { Console, Effect, Schema } from "effect"
import type { Connection } from "./connection/Connection.ts"
import { failed, troubled } from "./Failure.ts"
import { bar, clean } from "./output/Format.ts"
import { makeProgress } from "./output/Progress.ts"

const pollMillis = 200

/** Options that are `undefined` are left to the job. Answers the run as it ended, however it did. */
export const startAndFollow = Effect.fnUntraced(function* (
  connection: Connection,
  job: string,
  options: Readonly<Record<string, unknown>>
) {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const started = yield* connection.ask((client) =>
    client.jobs.start({ path: { name: job }, body: { options: given } })
  )
  // A job has one place in its queue; who finds it taken gets the run that stands there, with its own options.
  if (!Object.entries(given).every(([key, value]) => JSON.stringify(started.options[key]) === JSON.stringify(value))) {
    return yield* failed(
      `Another run of ${job} waits already, with other options (run ${started.id})`,
      "run-queued-already",
      "Try again when it has ended."
    )
  }
  return yield* followRun(connection, started)
})

/** Answers the run as it ended. */
export const followRun = (connection: Connection, started: Run) =>
  Effect.scoped(
    Effect.gen(function* () {
      const progress = yield* makeProgress
      let run = started
      while (!hasEnded(run)) {
        yield* progress.tell(progressOf(run))
        yield* Effect.sleep(pollMillis)
        run = yield* connection.ask((client) => client.jobs.run({ path: { id: started.id } }))
      }
      return run
    })
  ).pipe(
    Effect.onInterrupt(() =>
      connection.server === null
        ? Effect.void
        : Console.error(`Run ${started.id} of ${started.job} goes on at ${connection.server}`)
    )
  )

/** `library-sync [#####-----] 3/6: Radarr`, with the bar and the count where the run tells numbers. */
export const progressOf = (run: Run): string => {
  if (run.status === "queued") return `${run.job}: waits for the run before it`
  const { progress } = run
  if (progress === null) return `${run.job}: started`
  const { done, message, total } = progress
  if (total === null) return `${run.job}${done === 0 ? "" : ` ${done}`}: ${message}`
  return total === 0 ? `${run.job}: ${message}` : `${run.job} ${bar((done / total) * 100)} ${done}/${total}: ${message}`
}

/** What a sync read; `null` where it did not come so far. */
export const syncReportOf = Effect.fnUntraced(function* (run: Run): Effect.fn.Return<SyncReport | null> {
  if (run.result === null) return null
  const sync = yield* Effect.promise(() => import("@tendarr/core/library/Sync"))
  const { integrations, ...totals } = yield* Effect.orDie(Schema.decodeUnknownEffect(sync.SyncReport)(run.result))
  return {
    ...totals,
    integrations: integrations.map(({ odd, ...one }) => ({ ...one, odd: { ...odd, told: [...odd.told] } }))
  }
})

/** What went wrong in a run, from its log, on the error output. */
export const tellErrors = Effect.fnUntraced(function* (connection: Connection, run: Run) {
  if (run.errors === 0) return
  const { items } = yield* connection.ask((client) => client.jobs.logs({ path: { id: run.id }, query: { limit: 200 } }))
  for (const line of items) {
    if (line.level === "error") yield* Console.error(clean(line.message))
  }
})

/** Fails unless the run is completed without errors. */
export const expectCompleted = (run: Run) =>
  run.status === "completed"
    ? Effect.void
    : Effect.fail(
        troubled(
          `Run ${run.id} of ${run.job} ended ${run.status}${run.error === null ? "" : `: ${clean(run.error.message)}`}`
        )
      )
