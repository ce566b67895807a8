/**
 * A run of this process, from its queueing to its end. What it reports is visible here at once and reaches the database
 * a little later, from a fiber of its own: a line that is logged within a transaction of the job survives its rollback.
 */
import { Clock, Deferred, Effect, type Fiber, Latch, type Logger, PubSub, Semaphore } from "effect"
import { toJson } from "../../storage/Rows.ts"
import type { JobContext, JobSubject, LogLevel } from "../Job.ts"
import { hasEnded, type Run } from "../Run.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import type { PreparedRun, RegisteredJob } from "./RegisteredJob.ts"
import type { LogLine, RunLogStore } from "./RunLogStore.ts"
import { makeRunLogger, type Note } from "./RunLogger.ts"
import type { RunStore } from "./RunStore.ts"

export interface LiveRun {
  readonly id: string
  readonly job: RegisteredJob
  /** By its name of when the run was asked for. */
  readonly subject: JobSubject | null
  /** Who stands behind what the run does: the person who started it, else `job:<name>`. */
  readonly actor: string
  readonly prepared: PreparedRun
  readonly context: Omit<JobContext<unknown>, "options" | "settings">
  /** For the fibers of the run: what they say by `Effect.log` goes into its log as well. */
  readonly logger: Logger.Logger<unknown, void>
  readonly ended: Deferred.Deferred<Run>
  /** A wake-up after lines were stored, and at the end. */
  readonly changes: PubSub.PubSub<void>
  readonly snapshot: () => Run
  readonly update: (change: Partial<Run>) => Run
  /** Stores what was reported and is not stored yet. */
  readonly flush: Effect.Effect<void>
  /** Flushes at once when something was reported, and then at most every 250 ms; never ends. */
  readonly writer: Effect.Effect<never>
  /** The fiber that does the work; `null` while queued. */
  work: Fiber.Fiber<unknown, unknown> | null
  cancelledBy: string | null
}

export const makeLiveRun = Effect.fnUntraced(function* (options: {
  readonly run: Run
  readonly job: RegisteredJob
  readonly subject: JobSubject | null
  readonly actor: string
  readonly prepared: PreparedRun
  readonly store: RunStore
  readonly logs: RunLogStore
}) {
  const { store, logs } = options
  const id = options.run.id
  let current = options.run
  let reportedProgress = false
  const pending: Array<LogLine> = []
  const reported = yield* Latch.make(false)
  const flushing = yield* Semaphore.make(1)
  const changes = yield* PubSub.sliding<void>(1)

  const update = (change: Partial<Run>) => (current = { ...current, ...change })

  // Not to be interrupted half-way: what is stored must also leave the list of what is pending.
  const flush = Effect.gen(function* () {
    // An ended run can only report from a cleaning-up that outlived the server's patience.
    if (hasEnded(current) || (pending.length === 0 && !reportedProgress)) return
    while (pending.length > 0) {
      const batch = pending.slice(0, batchSize)
      yield* logs.append(id, batch)
      pending.splice(0, batch.length)
    }
    if (reportedProgress) {
      reportedProgress = false
      yield* store.saveProgress(current)
    }
    yield* PubSub.publish(changes, undefined)
  }).pipe(Effect.uninterruptible, flushing.withPermit)

  const writer = reported.await.pipe(
    Effect.andThen(reported.close),
    Effect.andThen(flush),
    Effect.catchDefect((defect) => Effect.logError(`The log of run ${id} could not be written, and is kept`, defect)),
    Effect.andThen(Effect.sleep(writeInterval)),
    Effect.forever
  )

  const progress: JobContext<unknown>["progress"] = (done, total, message) =>
    Effect.sync(() => {
      update({ progress: { done, total, message } })
      reportedProgress = true
      reported.openUnsafe()
    })

  const note: Note = (at, level, message, data) => {
    pending.push({ at: isoOfMillis(at), level, message, data: data === undefined ? null : dataJson(data) })
    if (level === "error") {
      update({ errors: current.errors + 1 })
      reportedProgress = true
    }
    reported.openUnsafe()
  }

  const log = (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>) =>
    Effect.map(Clock.currentTimeMillis, (now) => note(now, level, message, data))

  const live: LiveRun = {
    id,
    job: options.job,
    subject: options.subject,
    actor: options.actor,
    prepared: options.prepared,
    context: { runId: id, subject: options.subject, progress, log },
    logger: makeRunLogger(note, () => hasEnded(current)),
    ended: yield* Deferred.make<Run>(),
    changes,
    snapshot: () => current,
    update,
    flush,
    writer,
    work: null,
    cancelledBy: null
  }
  return live
})

const batchSize = 200

const writeInterval = "250 millis"

/** A line of the log is worth more than its data: what cannot be JSON (a cycle, a bigint) is left out and said so. */
const dataJson = (data: Readonly<Record<string, unknown>>): string => {
  try {
    return toJson(data)
  } catch (cause) {
    return toJson({ leftOut: String(cause) })
  }
}
