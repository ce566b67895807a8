/** Runs that need the same lock exclude each other: they queue, acquire all locks or none, and none waits forever. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { hasEnded } from "../../src/jobs/Run.ts"
import { gatedJob, JobsTest, openGate, shelfOfTwo, watering } from "./JobsTest.ts"

const holding = Effect.fn(function* (name: string, ...holds: ReadonlyArray<string>) {
  const gated = yield* gatedJob(name)
  const jobs = yield* Jobs
  yield* jobs.register({ ...gated.definition, holds })
  return gated
})

const start = (name: string) => Effect.flatMap(Jobs, (jobs) => jobs.start(name, { startedBy: "person" }))
const statusOf = (id: string) => Effect.flatMap(Jobs, (jobs) => Effect.map(jobs.run(id), ({ status }) => status))

describe("Runs that need the same lock", () => {
  it.effect("wait for each other in any order, and show for which run", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sync = yield* holding("sync", "library")
      const repair = yield* holding("repair", "library", "disks")
      for (const [one, other] of [
        ["sync", "repair"],
        ["repair", "sync"]
      ] as const) {
        const first = yield* start(one)
        const second = yield* start(other)
        assert.deepInclude(second, {
          status: "queued",
          progress: { done: 0, total: null, message: `waits for run ${first.id} of ${one}` }
        })
        yield* (one === "sync" ? sync : repair).open
        yield* jobs.await(first.id)
        const now = yield* jobs.run(second.id)
        assert.deepInclude(now, { status: one === "sync" ? "running" : now.status, progress: null })
        yield* (other === "sync" ? sync : repair).open
        assert.strictEqual((yield* jobs.await(second.id)).status, "completed")
      }
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("do not block other runs", () =>
    Effect.gen(function* () {
      const sync = yield* holding("sync", "library")
      const copy = yield* holding("copy", "disks")
      const free = yield* holding("free")
      yield* start("sync")
      assert.strictEqual((yield* start("copy")).status, "running")
      assert.strictEqual((yield* start("free")).status, "running")
      yield* Effect.all([sync.open, copy.open, free.open])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("are not overtaken by later runs that need fewer locks", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const a = yield* holding("a", "library")
      const b = yield* holding("b", "library", "disks")
      const c = yield* holding("c", "disks")
      const first = yield* start("a")
      const both = yield* start("b")
      const late = yield* start("c")
      assert.deepStrictEqual([first.status, both.status, late.status], ["running", "queued", "queued"])
      assert.strictEqual(late.progress?.message, `waits for run ${both.id} of b`)
      yield* a.open
      yield* jobs.await(first.id)
      assert.deepStrictEqual([yield* statusOf(both.id), yield* statusOf(late.id)], ["running", "queued"])
      yield* b.open
      yield* jobs.await(both.id)
      assert.strictEqual(yield* statusOf(late.id), "running")
      yield* c.open
      yield* jobs.await(late.id)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("release their place when a waiting run is cancelled", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const a = yield* holding("a", "library")
      yield* holding("b", "library", "disks")
      const c = yield* holding("c", "disks")
      yield* start("a")
      const waiting = yield* start("b")
      const late = yield* start("c")
      assert.strictEqual((yield* jobs.cancel(waiting.id)).status, "cancelled")
      assert.deepInclude(yield* jobs.run(late.id), { status: "running", progress: null })
      yield* Effect.all([a.open, c.open])
      assert.strictEqual((yield* jobs.await(late.id)).status, "completed")
      assert.strictEqual((yield* jobs.get("b")).queued, null)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("release their locks when the running one is cancelled", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* holding("a", "library")
      const b = yield* holding("b", "library")
      const first = yield* start("a")
      const second = yield* start("b")
      yield* jobs.cancel(first.id)
      assert.strictEqual(yield* statusOf(second.id), "running")
      yield* b.open
      yield* jobs.await(second.id)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("of several subjects run one after the other", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const shelf = shelfOfTwo()
      yield* jobs.register({ ...watering(shelf), holds: ["can"] })
      const ann = yield* jobs.start("water", { subject: "1", startedBy: "person" })
      const ben = yield* jobs.start("water", { subject: "2", startedBy: "person" })
      assert.strictEqual(ben.progress?.message, `waits for run ${ann.id} of water (Ann)`)
      yield* openGate(shelf, "1")
      yield* jobs.await(ann.id)
      yield* openGate(shelf, "2")
      assert.strictEqual((yield* jobs.await(ben.id)).status, "completed")
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("never run concurrently, and all end, in random histories", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ act: fc.constantFrom("start", "start", "end", "cancel"), which: fc.nat({ max: 3 }) }), {
            maxLength: 30
          }),
          (history) => Effect.runPromise(oneHistory(history))
        ),
        { numRuns: 40 }
      )
    )
  )
})

const needs = [["library"], ["library", "disks"], ["disks"], []] as const

const oneHistory = (history: ReadonlyArray<{ readonly act: string; readonly which: number }>) =>
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const started = new Set<string>()
    for (const [index, holds] of needs.entries()) {
      yield* jobs.register({ ...(yield* gatedJob(`job-${index}`)).definition, holds })
    }
    for (const { act, which } of history) {
      const { queued, running } = yield* jobs.get(`job-${which}`)
      if (act === "start") started.add((yield* start(`job-${which}`)).id)
      else if (act === "end" && running !== null) yield* jobs.cancel(running.id)
      else if (act === "cancel" && queued !== null) yield* jobs.cancel(queued.id)
      const all = yield* jobs.list
      const held = all.flatMap(({ name, running: now }) => (now === null ? [] : (needs[Number(name.slice(4))] ?? [])))
      assert.strictEqual(new Set(held).size, held.length, "two runs hold the same")
    }
    // Running ones are ended until none is left: no run may wait for a run that does not exist.
    for (let turn = 0; turn <= started.size; turn += 1) {
      const all = yield* jobs.list
      const running = all.flatMap((each) => each.running ?? [])
      if (all.some(({ queued }) => queued !== null)) assert.isNotEmpty(running)
      yield* Effect.forEach(running, ({ id }) => Effect.ignore(jobs.cancel(id)), { discard: true })
    }
    for (const id of started) assert.isTrue(hasEnded(yield* jobs.run(id)))
  }).pipe(Effect.scoped, Effect.provide(JobsTest))
