/**
 * A run of this process, from queueing to its end. Its reports are visible here immediately, and are written to the
 * database a little later by a separate fiber, so that a line logged within a transaction of the job survives its
 * rollback.
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
  /** Named as it was when the run was requested. */
  readonly subject: JobSubject | null
  /** The actor of the run's events: the person who started it, else `job:<name>`. */
  readonly actor: string
  readonly prepared: PreparedRun
  readonly context: Omit<JobContext<unknown>, "options" | "settings">
  /** Logger for the fibers of the run: it adds messages of `Effect.log` to the run's log. */
  readonly logger: Logger.Logger<unknown, void>
  readonly ended: Deferred.Deferred<Run>
  /** Signals that lines were stored, or that the run has ended. */
  readonly changes: PubSub.PubSub<void>
  readonly snapshot: () => Run
  readonly update: (change: Partial<Run>) => Run
  /** Stores pending reports. */
  readonly flush: Effect.Effect<void>
  /** Flushes immediately after the first report, and then at most every 250 ms; never ends. */
  readonly writer: Effect.Effect<never>
  /** The fiber of the job's effect; `null` while queued. */
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

  // Must not be interrupted half-way: lines that were stored must also be removed from the pending list.
  const flush = Effect.gen(function* () {
    // After the end, reports can come only from a cleanup that took longer than the server waited.
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

/** A log line is more important than its data: data that cannot be JSON (a cycle, a bigint) is replaced by a note. */
const dataJson = (data: Readonly<Record<string, unknown>>): string => {
  try {
    return toJson(data)
  } catch (cause) {
    return toJson({ leftOut: String(cause) })
  }
}
