/** Waits for due removals, has them carried out, and reports the result of each. */
import { removalsJob } from "@tendarr/core/jobs/JobNames"
import type { Removal, Run } from "@tendarr/sdk-client"
import { Clock, Effect } from "effect"
import { allRemovals } from "./AllRemovals.ts"
import type { Connection } from "./connection/Connection.ts"
import { count, duration } from "./output/Format.ts"
import { makeProgress } from "./output/Progress.ts"
import { startAndFollow } from "./RunFollowing.ts"

/** Longer delays (sunset) are not waited for. */
export const waitMinutes = 15

export interface CarriedOut {
  /** The last run of the removals job; `null` if nothing was due. */
  readonly run: Run | null
  /** The removals that were due, in their final state. */
  readonly removals: ReadonlyArray<Removal>
  /** Removals scheduled for after the wait, next one first. */
  readonly later: ReadonlyArray<Removal>
}

/**
 * Without `wait`, only removals that are due immediately. Each removal is waited for once: if it is postponed again,
 * that is reported but not waited for.
 */
export const carryOut = Effect.fnUntraced(function* (
  connection: Connection,
  options: { readonly wait: boolean; readonly diskGroupIds: ReadonlyArray<string> | undefined }
) {
  const deadline = (yield* Clock.currentTimeMillis) + (options.wait ? waitMinutes * 60_000 : 0)
  const tried = new Set<string>()
  let run: Run | null = null
  for (;;) {
    const waiting = (yield* waitingOnes(connection)).filter(
      ({ diskGroupId, id }) =>
        !tried.has(id) &&
        (options.diskGroupIds === undefined || (diskGroupId !== null && options.diskGroupIds.includes(diskGroupId)))
    )
    const soon = waiting.filter((removal) => dueAt(removal) <= deadline)
    if (soon.length === 0) {
      const later = waiting.toSorted((a, b) => dueAt(a) - dueAt(b))
      return { run, removals: yield* summariesOf(connection, tried), later } satisfies CarriedOut
    }
    yield* sleepUntil(Math.min(...soon.map(dueAt)), soon.length)
    const now = yield* Clock.currentTimeMillis
    for (const removal of soon) if (dueAt(removal) <= now) tried.add(removal.id)
    run = yield* startAndFollow(connection, removalsJob, {})
    // If the job failed, starting it again would not remove anything either.
    if (run.status !== "completed" && run.status !== "completed-with-errors") {
      return { run, removals: yield* summariesOf(connection, tried), later: [] } satisfies CarriedOut
    }
  }
})

const dueAt = ({ nextAttemptAt, scheduledAt, state }: Removal): number => {
  const times = state === "failed" ? [nextAttemptAt] : [scheduledAt, nextAttemptAt]
  return Math.max(...times.flatMap((at) => (at === null ? [] : [Date.parse(at)])))
}

/** Scheduled removals, and failed ones that will be retried. */
const waitingOnes = Effect.fnUntraced(function* ({ use }: Connection) {
  const scheduled = yield* allRemovals(use, { state: "scheduled", order: "due" })
  const failed = yield* allRemovals(use, { state: "failed" })
  return [...scheduled, ...failed.filter(({ nextAttemptAt }) => nextAttemptAt !== null)]
})

const summariesOf = (connection: Connection, ids: ReadonlySet<string>) =>
  Effect.forEach(
    ids,
    (id) =>
      Effect.map(
        connection.ask((client) => client.removals.get({ path: { id } })),
        ({ decision: _, ...summary }) => summary
      ),
    { concurrency: 4 }
  )

const sleepUntil = (at: number, number: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const progress = yield* makeProgress
      for (;;) {
        const left = at - (yield* Clock.currentTimeMillis)
        if (left <= 0) return
        yield* progress.show(`${count(number, "removal")} due, the first in ${duration(left)}`)
        yield* Effect.sleep(Math.min(1000, left))
      }
    })
  )
