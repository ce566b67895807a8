import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Loops } from "../../src/jobs/Loops.ts"
import { hasEnded } from "../../src/jobs/Run.ts"
import { SqlTest } from "../support/Sql.ts"
import { gatedJob, job, JobsTest, loggedEvents } from "./JobsTest.ts"

describe("Single flight", () => {
  it.effect("starts one run, queues one, and returns the queued one to further identical requests", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { definition, state, open } = yield* gatedJob("sync")
      yield* jobs.register(definition)
      const first = yield* jobs.start("sync", { startedBy: "person" })
      const second = yield* jobs.start("sync", { startedBy: "person", options: { limit: 1 } })
      const third = yield* jobs.start("sync", { startedBy: "job", options: { limit: 1 } })
      assert.deepStrictEqual([first.status, second.status], ["running", "queued"])
      assert.deepStrictEqual(third, second)
      yield* open
      const ended = yield* jobs.await(second.id)
      assert.strictEqual(ended.status, "completed")
      assert.isNotNull(ended.startedAt)
      assert.deepStrictEqual([state.most, state.started], [1, 2])
      assert.deepStrictEqual(yield* loggedEvents, [
        "job-run.started 1 by system",
        "job-run.completed 1 by system",
        "job-run.started 2 by system",
        "job-run.completed 2 by system"
      ])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("refuses a run with options other than those of the queued one, and names these", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { definition, open } = yield* gatedJob("sync")
      yield* jobs.register(definition)
      const first = yield* jobs.start("sync", { startedBy: "person", options: { limit: 3 } })
      const waiting = yield* jobs.start("sync", { startedBy: "person", options: { limit: 1 } })
      const conflict = yield* Effect.flip(jobs.start("sync", { startedBy: "person", options: { limit: 2 } }))
      assert.deepInclude(conflict, { _tag: "RunQueuedOtherwise", job: "sync", runId: waiting.id })
      assert.deepStrictEqual("options" in conflict ? conflict.options : null, waiting.options)
      yield* jobs.cancel(waiting.id)
      const other = yield* jobs.start("sync", { startedBy: "person", options: { limit: 2 } })
      assert.deepInclude(other.options, { limit: 2 })
      yield* open
      yield* jobs.await(first.id)
      yield* jobs.await(other.id)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("lets different jobs run concurrently", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const [a, b] = [yield* gatedJob("a"), yield* gatedJob("b")]
      yield* jobs.register(a.definition)
      yield* jobs.register(b.definition)
      yield* jobs.start("a", { startedBy: "person" })
      const other = yield* jobs.start("b", { startedBy: "person" })
      assert.strictEqual(other.status, "running")
      yield* b.open
      assert.strictEqual((yield* jobs.await(other.id)).status, "completed")
      yield* a.open
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("holds for random histories of starts, ends and cancellations", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              act: fc.constantFrom("start", "startTwice", "finish", "fail", "cancelRunning", "cancelQueued", "wait"),
              limit: fc.integer({ min: 1, max: 3 })
            }),
            { maxLength: 25 }
          ),
          (history) => Effect.runPromise(Effect.scoped(oneFlight(history)))
        ),
        { numRuns: 40 }
      )
    )
  )
})

const oneFlight = (history: ReadonlyArray<{ readonly act: string; readonly limit: number }>) =>
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const log = yield* EventLog
    const gates = new Map<string, Deferred.Deferred<void, string>>()
    const gateOf = (id: string) => {
      const gate = gates.get(id) ?? Deferred.makeUnsafe<void, string>()
      gates.set(id, gate)
      return gate
    }
    const flight = { running: 0, most: 0 }
    yield* jobs.register(
      job("sync", ({ runId }) =>
        Effect.suspend(() => {
          flight.most = Math.max(flight.most, ++flight.running)
          return Deferred.await(gateOf(runId))
        }).pipe(Effect.ensuring(Effect.sync(() => flight.running--)))
      )
    )
    const start = (limit: number) =>
      jobs
        .start("sync", { startedBy: "person", options: { limit } })
        .pipe(Effect.catchTag("RunQueuedOtherwise", ({ runId }) => jobs.run(runId)))
    const started = new Set<string>()
    for (const { act, limit } of history) {
      const { running: current, queued } = yield* jobs.get("sync")
      switch (act) {
        case "start":
          started.add((yield* start(limit)).id)
          break
        case "startTwice":
          for (const run of yield* Effect.all([start(limit), start(limit + 1)], { concurrency: 2 })) started.add(run.id)
          break
        case "finish":
        case "fail":
          if (current !== null) {
            const gate = gateOf(current.id)
            yield* act === "finish" ? Deferred.succeed(gate, undefined) : Deferred.fail(gate, "failed on command")
            const ended = yield* jobs.await(current.id)
            assert.strictEqual(ended.status, act === "finish" ? "completed" : "failed")
          }
          break
        case "cancelRunning":
          if (current !== null) assert.strictEqual((yield* jobs.cancel(current.id)).status, "cancelled")
          break
        case "cancelQueued":
          if (queued !== null) assert.strictEqual((yield* jobs.cancel(queued.id)).status, "cancelled")
          break
        default:
          yield* Effect.yieldNow
      }
      const { items } = yield* jobs.runs({ limit: 200 })
      const open = items.filter((run) => !hasEnded(run))
      const info = yield* jobs.get("sync")
      assert.isAtMost(open.filter((run) => run.status === "running").length, 1)
      assert.isAtMost(open.filter((run) => run.status === "queued").length, 1)
      assert.deepStrictEqual(
        open.map((run) => run.id).toSorted(),
        [info.running, info.queued].flatMap((run) => (run === null ? [] : [run.id])).toSorted()
      )
    }
    // Whatever happened, everything ends, and the end of every run was logged once.
    for (const id of started) yield* Deferred.succeed(gateOf(id), undefined)
    for (const id of started) assert.isTrue(hasEnded(yield* jobs.await(id)))
    assert.isAtMost(flight.most, 1)
    const events = (yield* log.page({ limit: 200 })).items
    for (const id of started) {
      const own = events.filter((event) => event.subject?.id === id).map((event) => event.type)
      assert.strictEqual(own.filter((type) => type !== "job-run.started").length, 1)
    }
    assert.strictEqual((yield* jobs.runs({ limit: 200 })).items.length, started.size)
  }).pipe(Effect.provide(JobsTest))

describe("Cancelling", () => {
  it.effect("interrupts the run, runs its finalizers and logs the actor", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { definition, state } = yield* gatedJob("sync")
      yield* jobs.register(definition)
      const run = yield* jobs.start("sync", { startedBy: "schedule" })
      yield* TestClock.adjust("5 seconds")
      const ended = yield* jobs.cancel(run.id).pipe(Effect.provideService(Actor, "account:ann"))
      assert.strictEqual(ended.status, "cancelled")
      assert.strictEqual(ended.endedAt, "1970-01-01T00:00:05.000Z")
      assert.strictEqual(state.cleaned, 1)
      assert.include(yield* loggedEvents, "job-run.cancelled 1 by account:ann")
      assert.deepStrictEqual(
        (yield* jobs.logs(run.id, {})).items.map((line) => line.message),
        ["Cancelled by account:ann"]
      )
      const again = yield* Effect.flip(jobs.cancel(run.id))
      assert.deepInclude(again, { _tag: "RunNotCancellable", runStatus: "cancelled", status: 409 })
      assert.strictEqual((yield* Effect.flip(jobs.cancel("4711")))._tag, "RunNotFound")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("reaches the fibers that the run has forked", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      let stopped = 0
      yield* jobs.register(
        job("wide", () =>
          Effect.gen(function* () {
            yield* Effect.forkChild(Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped++)))
            yield* Effect.forEach(
              [1, 2, 3],
              () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped++)),
              {
                concurrency: "unbounded"
              }
            )
          })
        )
      )
      const run = yield* jobs.start("wide", { startedBy: "person" })
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* jobs.cancel(run.id)).status, "cancelled")
      assert.strictEqual(stopped, 4)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("returns after 2 seconds if the clean-up is slow; the run is cancelled when that has ended", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(
        job("slow", ({ log }) =>
          Effect.never.pipe(
            Effect.ensuring(Effect.andThen(Effect.sleep("10 seconds"), log("info", "the last page was restored")))
          )
        )
      )
      const run = yield* jobs.start("slow", { startedBy: "person" })
      yield* TestClock.adjust(1)
      const cancelling = yield* Effect.forkChild(jobs.cancel(run.id))
      yield* TestClock.adjust("2 seconds")
      const meanwhile = cancelling.pollUnsafe()
      assert.isTrue(meanwhile !== undefined && Exit.isSuccess(meanwhile) && meanwhile.value.status === "running")
      assert.strictEqual((yield* jobs.start("slow", { startedBy: "person" })).status, "queued")
      yield* TestClock.adjust("8 seconds")
      assert.strictEqual((yield* jobs.await(run.id)).status, "cancelled")
      assert.include(
        (yield* jobs.logs(run.id, {})).items.map((line) => line.message),
        "the last page was restored"
      )
      assert.strictEqual((yield* jobs.get("slow")).running?.id, "2")
      const last = yield* Effect.forkChild(jobs.cancel("2"))
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(last)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("removes a run from the queue without affecting the running one", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { definition, state, open } = yield* gatedJob("sync")
      yield* jobs.register(definition)
      const first = yield* jobs.start("sync", { startedBy: "person" })
      const second = yield* jobs.start("sync", { startedBy: "person" })
      const waiting = yield* Effect.forkChild(jobs.await(second.id))
      const cancelled = yield* jobs.cancel(second.id)
      assert.deepInclude(cancelled, { status: "cancelled", startedAt: null })
      assert.deepStrictEqual(yield* Fiber.join(waiting), cancelled)
      yield* open
      assert.strictEqual((yield* jobs.await(first.id)).status, "completed")
      assert.strictEqual(state.started, 1)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("is distinguished from a run that interrupts itself, which has failed", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("odd", () => Effect.interrupt))
      const run = yield* jobs.start("odd", { startedBy: "person" })
      assert.strictEqual((yield* jobs.await(run.id)).status, "failed")
    }).pipe(Effect.provide(JobsTest))
  )
})

describe("A graceful stop", () => {
  const Base = Layer.mergeAll(EventLogLive, Loops.layer).pipe(Layer.provideMerge(SqlTest))

  it.effect("ends running and queued runs as interrupted, after their finalizers", () =>
    Effect.gen(function* () {
      const { definition, state } = yield* gatedJob("sync")
      const ids = yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.register(definition)
        const first = yield* jobs.start("sync", { startedBy: "person" })
        const second = yield* jobs.start("sync", { startedBy: "person" })
        yield* TestClock.adjust(1)
        return [first.id, second.id]
      }).pipe(Effect.provide(Jobs.layer))
      assert.strictEqual(state.cleaned, 1)
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        for (const id of ids) {
          assert.deepInclude(yield* jobs.run(id), {
            status: "interrupted",
            error: { message: "Tendarr stopped before the run had ended", code: "interrupted" }
          })
        }
      }).pipe(Effect.provide(Jobs.layer, { local: true }))
      assert.deepStrictEqual(
        (yield* loggedEvents).filter((line) => line.startsWith("job-run.interrupted")).toSorted(),
        ["job-run.interrupted 1 by system", "job-run.interrupted 2 by system"]
      )
    }).pipe(Effect.provide(Base))
  )

  it.effect("waits at most 2 seconds for clean-up", () =>
    Effect.gen(function* () {
      const stopping = yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.register(job("slow", () => Effect.ensuring(Effect.never, Effect.sleep("1 hour"))))
        yield* jobs.start("slow", { startedBy: "person" })
        yield* Effect.sleep("1 second")
      }).pipe(Effect.provide(Jobs.layer), Effect.forkChild)
      yield* TestClock.adjust("1 second")
      assert.isUndefined(stopping.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      assert.isDefined(stopping.pollUnsafe())
      assert.include(yield* loggedEvents, "job-run.interrupted 1 by system")
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* loggedEvents).length, 2)
    }).pipe(Effect.provide(Base))
  )

  it.effect("does not wait for a run that holds the database during clean-up", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const stopping = yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        const stuck = sql.withTransaction(Effect.ensuring(Effect.never, Effect.sleep("1 hour")))
        yield* jobs.register(job("stuck", () => Effect.andThen(Effect.sleep("1 second"), stuck)))
        yield* jobs.start("stuck", { startedBy: "person" })
        yield* jobs.start("stuck", { startedBy: "person" })
        yield* Effect.sleep("2 seconds")
      }).pipe(Effect.provide(Jobs.layer), Effect.forkChild)
      yield* TestClock.adjust("2 seconds")
      assert.isUndefined(stopping.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      assert.isDefined(stopping.pollUnsafe())
      // When the database is free again, the ends are stored.
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* loggedEvents).filter((line) => line.startsWith("job-run.interrupted")).length, 2)
    }).pipe(Effect.provide(Base))
  )
})
