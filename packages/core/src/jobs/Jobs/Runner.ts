/**
 * Starts, queues, cancels and ends runs. Of each job at most one runs and at most one waits. Runs live in fibers of their
 * own, under the services of the layer: who asked for one may leave, and nothing of the request stays with it.
 */
import { Deferred, Effect, Fiber, Logger, Option, PubSub, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../events/Actor.ts"
import { JobNotFound, RunNotCancellable, RunNotEnded, RunNotFound, RunQueuedOtherwise } from "../JobErrors.ts"
import { toJson } from "../../storage/Rows.ts"
import { countRun } from "../JobMetrics.ts"
import { hasEnded, type Run, type StartedBy } from "../Run.ts"
import { type LiveRun, makeLiveRun, nowIso } from "./LiveRun.ts"
import { type Outcome, outcomeOf, stoppedError } from "./Outcome.ts"
import type { PreparedRun, RegisteredJob } from "./RegisteredJob.ts"
import { endedEvent, startedEvent } from "./RunEvents.ts"
import type { RunLogStore } from "./RunLogStore.ts"
import type { RunStore } from "./RunStore.ts"

export interface StartRequest {
  /** One-shot overrides of the job's options. */
  readonly options?: unknown
  readonly startedBy: StartedBy
}

export interface Runner extends Effect.Success<ReturnType<typeof makeRunner>> {}

export const makeRunner = Effect.fnUntraced(function* (store: RunStore, logs: RunLogStore) {
  const sql = yield* SqlClient.SqlClient
  const runFork = Effect.runForkWith(yield* Effect.context<never>())
  const slots = new Map<string, Slot>()
  const lives = new Map<string, LiveRun>()
  let stopping = false

  const register = Effect.fnUntraced(function* (job: RegisteredJob) {
    if (slots.has(job.name)) return yield* Effect.die(new Error(`Two jobs are named ${job.name}`))
    slots.set(job.name, { job, door: yield* Semaphore.make(1), running: null, queued: null })
  })

  const slotOf = (name: string): Effect.Effect<Slot, JobNotFound> => {
    const slot = slots.get(name)
    return slot === undefined ? Effect.fail(new JobNotFound({ job: name })) : Effect.succeed(slot)
  }

  const start = Effect.fn("Jobs.start")(function* (name: string, request: StartRequest) {
    const slot = yield* slotOf(name)
    const prepared = yield* slot.job.prepare(request.options ?? {})
    yield* outsideTransaction
    const admitted = Effect.suspend(() => {
      if (slot.queued === null) return admit(slot, prepared, request.startedBy)
      const waiting = slot.queued.snapshot()
      return toJson(waiting.options) === toJson(prepared.options)
        ? Effect.succeed(waiting)
        : Effect.fail(queuedOtherwise(waiting))
    })
    return yield* slot.door.withPermit(Effect.uninterruptible(admitted))
  })

  /** For schedules: nothing when a run is under way or waits. */
  const startIfIdle = Effect.fn("Jobs.startIfIdle")(function* (name: string, request: StartRequest) {
    const slot = yield* slotOf(name)
    const prepared = yield* slot.job.prepare(request.options ?? {})
    yield* slot.door.withPermit(
      Effect.uninterruptible(
        Effect.suspend(() =>
          slot.running === null && slot.queued === null ? admit(slot, prepared, request.startedBy) : Effect.void
        )
      )
    )
  })

  /** How runs ended while the storage failed. */
  const unstored = new Map<string, Effect.Effect<boolean>>()
  const storeEnds = Effect.suspend(() =>
    Effect.forEach(
      [...unstored],
      ([id, storeEnd]) =>
        Effect.andThen(
          storeEnd,
          Effect.sync(() => unstored.delete(id))
        ),
      { discard: true }
    )
  ).pipe(Effect.catchCause((cause) => Effect.logError("How former runs ended could not be stored", cause)))

  /** Within the door of the slot, with no run waiting. */
  const admit = Effect.fnUntraced(function* (slot: Slot, prepared: PreparedRun, startedBy: StartedBy) {
    if (stopping) return yield* Effect.interrupt
    const actor = yield* Actor
    const waits = slot.running !== null
    const now = yield* nowIso
    const worksAs = startedBy === "person" ? actor : `job:${slot.job.name}`
    const run = yield* store.insert(
      {
        job: slot.job.name,
        status: waits ? "queued" : "running",
        startedBy,
        actor,
        options: prepared.options,
        progress: null,
        result: null,
        error: null,
        queuedAt: now,
        startedAt: waits ? null : now,
        endedAt: null,
        errors: 0
      },
      waits ? null : (stored) => ({ event: startedEvent(slot.job.title, stored), actor: worksAs })
    )
    yield* storeEnds
    const live = yield* makeLiveRun({ run, job: slot.job, actor: worksAs, prepared, store, logs })
    lives.set(live.id, live)
    if (waits) slot.queued = live
    else launch(slot, live)
    return live.snapshot()
  })

  const launch = (slot: Slot, live: LiveRun): void => {
    slot.running = live
    const supervised = Effect.gen(function* () {
      const writer = yield* Effect.forkChild(live.writer)
      const work = yield* Effect.forkChild(workOf(live))
      live.work = work
      // Cancelled between its start and this line.
      if (live.cancelledBy !== null || stopping) work.interruptUnsafe()
      const exit = yield* Fiber.await(work)
      yield* Fiber.interrupt(writer)
      const outcome = yield* outcomeOf(live, exit, stopping)
      yield* slot.door.withPermit(Effect.andThen(end(live, outcome), promote(slot)))
    })
    runFork(supervised, { uninterruptible: true })
  }

  const workOf = (live: LiveRun) =>
    live.prepared.work(live.context).pipe(
      Effect.provideService(Actor, live.actor),
      Effect.annotateLogs({ job: live.job.name, run: live.id }),
      Effect.updateService(Logger.CurrentLoggers, (loggers) => new Set([...loggers, live.logger])),
      Effect.withSpan("Jobs.run", { attributes: { job: live.job.name, run: live.id } })
    )

  /** Stores how a run ended and tells everybody. What cannot be stored is stored with the next run, or by the next start's recovery. */
  const end = Effect.fnUntraced(function* (live: LiveRun, outcome: Outcome) {
    if (hasEnded(live.snapshot())) return
    yield* live.flush.pipe(
      Effect.catchCause((cause) => Effect.logError(`The log of run ${live.id} is not complete`, cause))
    )
    const run: Run = { ...live.snapshot(), ...outcome, endedAt: yield* nowIso }
    const actor = run.status === "cancelled" ? (live.cancelledBy ?? live.actor) : live.actor
    const storeEnd = store.end(run, { event: endedEvent(live.job.title, run), actor })
    yield* storeEnd.pipe(
      Effect.catchCause((cause) => {
        unstored.set(live.id, storeEnd)
        return Effect.logError(`The end of run ${live.id} could not be stored`, cause)
      })
    )
    live.update(run)
    lives.delete(live.id)
    // Before anybody hears of the end, so that nobody finds the ended run in its place.
    const slot = slots.get(live.job.name)
    if (slot?.running === live) slot.running = null
    if (slot?.queued === live) slot.queued = null
    yield* countRun(run)
    yield* Deferred.succeed(live.ended, run)
    yield* PubSub.publish(live.changes, undefined)
  })

  /** Starts the run that waits. */
  const promote = Effect.fnUntraced(function* (slot: Slot) {
    const next = slot.queued
    if (next === null || stopping) return
    slot.queued = null
    const run = next.update({ status: "running", startedAt: yield* nowIso })
    yield* store.markRunning(run, { event: startedEvent(slot.job.title, run), actor: next.actor }).pipe(
      Effect.andThen(Effect.sync(() => launch(slot, next))),
      Effect.catchCause((cause) =>
        Effect.andThen(
          Effect.logError(`Run ${next.id} could not be started`, cause),
          end(next, { status: "failed", result: null, error: { message: "The run could not be started" } })
        )
      )
    )
  })

  const cancel = Effect.fn("Jobs.cancel")(function* (runId: string) {
    yield* outsideTransaction
    const live = lives.get(runId)
    if (live === undefined) {
      const run = yield* found(runId)
      return yield* new RunNotCancellable({ runId, runStatus: run.status })
    }
    const actor = yield* Actor
    const slot = yield* Effect.orDie(slotOf(live.job.name))
    if (slot.queued === live) {
      const unqueue = Effect.suspend(() => {
        // It may have been started while we waited at the door.
        if (slot.queued !== live) return Effect.void
        live.cancelledBy = actor
        return end(live, { status: "cancelled", result: null, error: null })
      })
      yield* slot.door.withPermit(Effect.uninterruptible(unqueue))
    }
    if (!hasEnded(live.snapshot())) {
      live.cancelledBy ??= actor
      yield* live.context.log("info", `Cancelled by ${actor}`)
      live.work?.interruptUnsafe()
      yield* Effect.timeoutOption(Deferred.await(live.ended), patience)
    }
    return live.snapshot()
  })

  const found = Effect.fnUntraced(function* (runId: string) {
    const run = lives.get(runId)?.snapshot() ?? (yield* store.find(runId))
    return run ?? (yield* new RunNotFound({ runId }))
  })

  const awaitEnd = Effect.fn("Jobs.await")(function* (runId: string) {
    while (true) {
      const live = lives.get(runId)
      if (live !== undefined) return yield* Effect.tap(Deferred.await(live.ended), Effect.yieldNow)
      const run = yield* found(runId)
      if (hasEnded(run)) return run
      // Another server on the same database has it.
      yield* Effect.sleep("1 second")
    }
  })

  const retry = Effect.fn("Jobs.retry")(function* (runId: string) {
    const run = yield* found(runId)
    if (!hasEnded(run)) return yield* new RunNotEnded({ runId, runStatus: run.status })
    return yield* start(run.job, { options: run.options, startedBy: "person" })
  })

  /** Ends the rows that a crash left open. None of those runs starts again by itself. */
  const recover = Effect.gen(function* () {
    for (const run of yield* store.unfinished) {
      if (lives.has(run.id)) continue
      const ended: Run = { ...run, status: "interrupted", error: stoppedError, endedAt: yield* nowIso }
      const title = slots.get(run.job)?.job.title ?? run.job
      if (yield* store.end(ended, { event: endedEvent(title, ended), actor: "system" })) yield* countRun(ended)
    }
  })

  /** Ends what is under way, within 2 seconds, as `interrupted`. */
  const stop = Effect.gen(function* () {
    stopping = true
    const running = [...lives.values()].filter((live) => live.snapshot().status === "running")
    for (const live of running) live.work?.interruptUnsafe()
    yield* Effect.forEach(running, (live) => Deferred.await(live.ended), {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.timeoutOption(patience))
    const interrupt = Effect.fnUntraced(function* (live: LiveRun) {
      if (live.work !== null) yield* live.context.log("warning", "Tendarr stopped while the run was still cleaning up")
      yield* end(live, { status: "interrupted", result: null, error: stoppedError })
    })
    // In a fiber that may be left behind: what is still cleaning up may hold the connection that writes.
    const rest = runFork(Effect.forEach([...lives.values()], interrupt, { discard: true }))
    yield* Effect.timeoutOption(Fiber.await(rest), "150 millis")
  })
  yield* Effect.addFinalizer(() => stop)

  /** The caller holds the one connection that writes; a run that needs it to start or to end would wait for ever. */
  const outsideTransaction = Effect.serviceOption(sql.transactionService).pipe(
    Effect.flatMap((transaction) =>
      Option.isNone(transaction)
        ? Effect.void
        : Effect.die(new Error("Runs are started and cancelled after the transaction: use sql.afterCommit"))
    )
  )

  return { slots, lives, register, slotOf, start, startIfIdle, cancel, awaitEnd, found, retry, recover }
})

const queuedOtherwise = ({ id, job, options }: Run) =>
  new RunQueuedOtherwise({
    detail: `Run ${id} of ${job} waits with the options ${toJson(options)}: wait until it has started, or cancel it`,
    job,
    runId: id,
    options
  })

interface Slot {
  readonly job: RegisteredJob
  /** Whoever changes `running` or `queued` holds it. */
  readonly door: Semaphore.Semaphore
  running: LiveRun | null
  queued: LiveRun | null
}

/** Shorter than the 2 seconds that are promised, to leave time for the answer. */
const patience = "1800 millis"
