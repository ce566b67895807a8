/** The loop that starts the removals job whenever a removal is due. */
import { Clock, Effect, PubSub, type Scope } from "effect"
import { ClockWatch } from "../jobs/ClockWatch.ts"
import { removalsJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Loops } from "../jobs/Loops.ts"
import { DueRemovals } from "./DueRemovals.ts"
import { Removals } from "./Removals.ts"

/** The longest sleep: within this time a changed clock, or a change by another process, is noticed. */
const longestSleepMillis = 60_000
/** The shortest sleep: a removal that has to wait must not cause a busy loop. */
const shortestSleepMillis = 1000

export const startRemovalLoop: Effect.Effect<
  void,
  never,
  Scope.Scope | ClockWatch | DueRemovals | Jobs | Loops | Removals
> = Effect.gen(function* () {
  const clock = yield* ClockWatch
  const dueRemovals = yield* DueRemovals
  const jobs = yield* Jobs
  const loops = yield* Loops
  const removals = yield* Removals
  const changes = yield* PubSub.subscribe(removals.changed)
  const once = Effect.gen(function* () {
    yield* clock.look
    const due = yield* dueRemovals.nextDue
    const now = yield* Clock.currentTimeMillis
    const wait = due === null ? longestSleepMillis : Math.min(longestSleepMillis, Date.parse(due) - now)
    if (due !== null && wait <= 0) {
      const run = yield* Effect.orDie(jobs.start(removalsJob, { startedBy: "job" }))
      yield* Effect.ignore(jobs.await(run.id))
      yield* Effect.sleep(shortestSleepMillis)
      return
    }
    yield* Effect.raceFirst(Effect.sleep(Math.max(shortestSleepMillis, wait)), PubSub.take(changes))
  })
  yield* loops.start({ name: "removal-worker", title: "Starting the removals that are due", turn: once })
})
