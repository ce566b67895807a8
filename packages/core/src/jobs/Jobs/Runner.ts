/**
 * Starts, queues, cancels and ends runs. Per job, or per subject of a job, at most one run is in progress and at most
 * one is waiting. Runs live in fibers of their own, with the services of the layer: they outlive the request that
 * started them, and keep nothing of its context.
 */
import { Deferred, Effect, Fiber, Logger, Option, PubSub, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../events/Actor.ts"
import type { JobSubject } from "../Job.ts"
import { MayDestroy } from "../MayDestroy.ts"
import { RunNotCancellable, RunNotEnded, RunNotFound, RunQueuedOtherwise } from "../JobErrors.ts"
import { nowIso } from "../../problems/Instants.ts"
import { toJson } from "../../storage/Rows.ts"
import { countRun } from "../JobMetrics.ts"
import { hasEnded, type Run, type StartedBy } from "../Run.ts"
import type { JobSettings } from "./JobSettings.ts"
import { type LiveRun, makeLiveRun } from "./LiveRun.ts"
import { type Outcome, outcomeOf, stoppedError } from "./Outcome.ts"
import { type PreparedRun, type RegisteredJob, subjectOf } from "./RegisteredJob.ts"
import { type EndedRun, endedEvent, startedEvent } from "./RunEvents.ts"
import type { RunLogStore } from "./RunLogStore.ts"
import type { RunStore } from "./RunStore.ts"
import type { Slot, Slots } from "./Slots.ts"

export interface StartRequest {
  /** Id of the subject; required for jobs with subjects, refused for others. */
  readonly subject?: string
  /** One-shot overrides of the job's options and settings. */
  readonly options?: unknown
  readonly startedBy: StartedBy
}

export interface Runner extends Effect.Success<ReturnType<typeof makeRunner>> {}

export const makeRunner = Effect.fnUntraced(function* (
  slots: Slots,
  store: RunStore,
  logs: RunLogStore,
  settings: JobSettings
) {
  const sql = yield* SqlClient.SqlClient
  const runFork = Effect.runForkWith(yield* Effect.context<never>())
  const lives = new Map<string, LiveRun>()
  /** Lock for changes of slots: whether a run may start depends on all slots. */
  const lock = yield* Semaphore.make(1)
  let stopping = false

  const prepared = Effect.fnUntraced(function* (name: string, request: StartRequest) {
    const job = yield* slots.jobOf(name)
    const subject = yield* subjectOf(job, request.subject, ["payload", "subject"])
    return { job, subject, run: yield* job.prepare(request.options ?? {}) }
  })

  const start = Effect.fn("Jobs.start")(function* (name: string, request: StartRequest) {
    const { job, run, subject } = yield* prepared(name, request)
    yield* outsideTransaction
    const admitted = Effect.suspend(() => {
      const slot = slots.look(job, subject)
      if (slot.queued === null) return admit(slot, subject, run, request.startedBy)
      const waiting = slot.queued.snapshot()
      return isAlike(waiting, run) ? Effect.succeed(waiting) : Effect.fail(queuedOtherwise(waiting))
    })
    return yield* lock.withPermit(Effect.uninterruptible(admitted))
  })

  /**
   * For schedules: does nothing if a run with the same options is in progress or waiting. A run with other options (a
   * dry run, for example) does not replace the scheduled one, which waits behind it if the queue is empty.
   */
  const startScheduled = Effect.fn("Jobs.startScheduled")(function* (name: string, request: StartRequest) {
    const { job, run, subject } = yield* prepared(name, request)
    const admitted = Effect.suspend(() => {
      const slot = slots.look(job, subject)
      const present = [slot.running, slot.queued].flatMap((live) => live?.snapshot() ?? [])
      if (present.some((one) => isAlike(one, run))) return Effect.void
      if (slot.queued === null) return Effect.asVoid(admit(slot, subject, run, request.startedBy))
      return Effect.logWarning(`A scheduled run of ${job.name} was skipped: run ${slot.queued.id} is already waiting`)
    })
    yield* lock.withPermit(Effect.uninterruptible(admitted))
  })

  /** Ends of runs that could not be stored because the storage failed. */
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
  ).pipe(Effect.catchCause((cause) => Effect.logError("The ends of earlier runs could not be stored", cause)))

  /** Requires the lock, and no waiting run in the slot. */
  const admit = Effect.fnUntraced(function* (
    slot: Slot,
    subject: JobSubject | null,
    prepared: PreparedRun,
    startedBy: StartedBy
  ) {
    if (stopping) return yield* Effect.interrupt
    const { job } = slot
    const actor = yield* Actor
    const obstacle = slot.running === null ? slots.obstacleTo(job, null) : null
    const waits = slot.running !== null || obstacle !== null
    const now = yield* nowIso
    const worksAs = startedBy === "person" ? actor : `job:${job.name}`
    const run = yield* store.insert(
      {
        job: job.name,
        ...(subject === null ? {} : { subject }),
        status: waits ? "queued" : "running",
        startedBy,
        actor,
        options: prepared.options,
        progress: obstacle === null ? null : waitingFor(obstacle),
        result: null,
        error: null,
        queuedAt: now,
        startedAt: waits ? null : now,
        endedAt: null,
        errors: 0
      },
      waits ? null : (stored) => ({ event: startedEvent(job.title, stored), actor: worksAs })
    )
    yield* storeEnds
    const live = yield* makeLiveRun({ run, job, subject, actor: worksAs, prepared, store, logs })
    lives.set(live.id, live)
    if (waits) slot.queued = live
    else launch(slot, live)
    slots.keep(slot)
    return live.snapshot()
  })

  const launch = (slot: Slot, live: LiveRun): void => {
    slot.running = live
    const supervised = Effect.gen(function* () {
      const writer = yield* Effect.forkChild(live.writer)
      const work = yield* Effect.forkChild(workOf(live))
      live.work = work
      // The run may have been cancelled between its start and this line.
      if (live.cancelledBy !== null || stopping) work.interruptUnsafe()
      const exit = yield* Fiber.await(work)
      yield* Fiber.interrupt(writer)
      const outcome = yield* outcomeOf(live, exit, stopping)
      yield* lock.withPermit(Effect.andThen(end(live, outcome), promote))
    })
    runFork(supervised, { uninterruptible: true })
  }

  const workOf = (live: LiveRun) =>
    settings.set(live.job, live.subject).pipe(
      Effect.flatMap((set) => live.prepared.work(live.context, set)),
      Effect.provideService(Actor, live.actor),
      Effect.provideService(MayDestroy, live.job.destructive),
      Effect.annotateLogs(tagsOf(live)),
      Effect.updateService(Logger.CurrentLoggers, (loggers) => new Set([...loggers, live.logger])),
      Effect.withSpan("Jobs.run", { attributes: tagsOf(live) })
    )

  /**
   * Stores the end of a run and notifies everyone who waits for it. An end that cannot be stored is stored with the
   * next run, or by the recovery at the next start.
   */
  const end = Effect.fnUntraced(function* (live: LiveRun, outcome: Outcome) {
    if (hasEnded(live.snapshot())) return
    yield* live.flush.pipe(
      Effect.catchCause((cause) => Effect.logError(`The log of run ${live.id} is not complete`, cause))
    )
    const run: EndedRun = { ...live.snapshot(), ...outcome, endedAt: yield* nowIso }
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
    // Free the slot before the end is announced, so that nobody finds the ended run in it.
    const slot = slots.slotOf(live)
    if (slot.running === live) slot.running = null
    if (slot.queued === live) slot.queued = null
    slots.keep(slot)
    yield* countRun(run)
    yield* Deferred.succeed(live.ended, run)
    yield* PubSub.publish(live.changes, undefined)
  })

  /** Starts every run that no longer has to wait, and updates what the others are waiting for. Requires the lock. */
  const promote: Effect.Effect<void> = Effect.suspend(() => {
    if (stopping) return Effect.void
    const next = slots.startable()
    return next === undefined
      ? Effect.forEach(
          slots.waitingForOthers(),
          ({ live, obstacle }) => {
            live.update({ progress: waitingFor(obstacle) })
            return PubSub.publish(live.changes, undefined)
          },
          { discard: true }
        )
      : Effect.andThen(begin(next), promote)
  })

  const begin = Effect.fnUntraced(function* (next: LiveRun) {
    const slot = slots.slotOf(next)
    slot.queued = null
    slot.running = next
    const run = next.update({ status: "running", startedAt: yield* nowIso, progress: null })
    yield* store.markRunning(run, { event: startedEvent(next.job.title, run), actor: next.actor }).pipe(
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
    return yield* stopRun(live, actor, `Cancelled by ${actor}`)
  })

  const stopRun = Effect.fnUntraced(function* (live: LiveRun, actor: string, words: string) {
    const unqueue = Effect.suspend(() => {
      // The run may have been started while we waited for the lock.
      if (slots.slotOf(live).queued !== live) return Effect.void
      live.cancelledBy = actor
      return Effect.andThen(end(live, { status: "cancelled", result: null, error: null }), promote)
    })
    if (slots.slotOf(live).queued === live) yield* lock.withPermit(Effect.uninterruptible(unqueue))
    if (!hasEnded(live.snapshot())) {
      live.cancelledBy ??= actor
      yield* live.context.log("info", words)
      live.work?.interruptUnsafe()
      yield* Effect.timeoutOption(Deferred.await(live.ended), patience)
    }
    return live.snapshot()
  })

  /** Cancels the runs of subjects that no longer exist. */
  const endOrphans = Effect.fnUntraced(function* (job: RegisteredJob, present: ReadonlyArray<JobSubject>) {
    const orphans = slots
      .inUse(job)
      .filter(({ subject }) => subject !== null && !present.some(({ id }) => id === subject.id))
      .flatMap(({ queued, running }) => [queued, running].flatMap((live) => live ?? []))
    yield* Effect.forEach(
      orphans,
      (live) => stopRun(live, "system", `Cancelled: ${live.subject?.name ?? ""} no longer exists`),
      { concurrency: "unbounded", discard: true }
    )
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
      // Another server on the same database runs it.
      yield* Effect.sleep("1 second")
    }
  })

  const retry = Effect.fn("Jobs.retry")(function* (runId: string) {
    const run = yield* found(runId)
    if (!hasEnded(run)) return yield* new RunNotEnded({ runId, runStatus: run.status })
    return yield* start(run.job, {
      ...(run.subject === undefined ? {} : { subject: run.subject.id }),
      options: yield* store.optionsOf(runId),
      startedBy: "person"
    })
  })

  /** Ends the rows that a crash left open. None of those runs is restarted automatically. */
  const recover = Effect.gen(function* () {
    for (const run of yield* store.unfinished) {
      if (lives.has(run.id)) continue
      const ended: EndedRun = { ...run, status: "interrupted", error: stoppedError, endedAt: yield* nowIso }
      const title = slots.jobs.get(run.job)?.title ?? run.job
      if (yield* store.end(ended, { event: endedEvent(title, ended), actor: "system" })) yield* countRun(ended)
    }
  })

  /** Ends all runs as `interrupted`, within 2 seconds. */
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
    // In a fiber that may be abandoned: a run that is still cleaning up may hold the write connection.
    const rest = runFork(Effect.forEach([...lives.values()], interrupt, { discard: true }))
    yield* Effect.timeoutOption(Fiber.await(rest), "150 millis")
  })
  yield* Effect.addFinalizer(() => stop)

  /** The caller holds the only write connection; a run that needs it to start or to end would deadlock. */
  const outsideTransaction = Effect.serviceOption(sql.transactionService).pipe(
    Effect.flatMap((transaction) =>
      Option.isNone(transaction)
        ? Effect.void
        : Effect.die(new Error("Runs are started and cancelled after the transaction: use sql.afterCommit"))
    )
  )

  return { lives, start, startScheduled, cancel, endOrphans, awaitEnd, found, retry, recover }
})

const isAlike = (run: Run, prepared: PreparedRun): boolean => toJson(run.options) === toJson(prepared.options)

const tagsOf = ({ id, job, subject }: LiveRun) => ({
  job: job.name,
  run: id,
  ...(subject === null ? {} : { subject: subject.name })
})

/** The progress message of a run that waits for a run of another job, or of another subject. */
const waitingFor = ({ id, job, subject }: LiveRun) => ({
  done: 0,
  total: null,
  message: `waits for run ${id} of ${job.name}${subject === null ? "" : ` (${subject.name})`}`
})

const queuedOtherwise = ({ id, job, options }: Run) =>
  new RunQueuedOtherwise({
    detail: `Run ${id} of ${job} waits with the options ${toJson(options)}: wait until it has started, or cancel it`,
    job,
    runId: id,
    options
  })

/** Shorter than the guaranteed 2 seconds, to leave time for the response. */
const patience = "1800 millis"
