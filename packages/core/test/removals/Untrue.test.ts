/** Applications that respond falsely, and facts that are unknown for a while. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { fullDisk, planned, shows } from "./Stocks.ts"
import { as, audit, itemIdOf, passTime, plan, removalOf, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const due = Effect.andThen(passTime("31 seconds"), runDue)

describe("An application that forgets files that it could not delete", () => {
  it.effect("frees nothing by that removal, which says so", () => {
    const library = fullDisk()
    library.next("remove", "forget-done")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* due
      const removal = yield* removalOf("Movie 1")
      assert.deepInclude(removal, { state: "removed", freedBytes: 0 })
      const [event] = (yield* audit).filter(({ type }) => type === "removal.removed")
      assert.match(event?.message ?? "", /could not be deleted from the disk/)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("After the first false response of an application", () => {
  it.effect("nothing more is removed there, in this run and later ones, until that removal has succeeded", () => {
    const library = fullDisk()
    library.next("remove", "lie", "lie")
    return Effect.gen(function* () {
      yield* planned("auto")
      const report = yield* due
      assert.deepStrictEqual([report.failed, report.waiting], [1, 1])
      assert.deepStrictEqual(library.sent, ["1"])
      yield* passTime("90 seconds")
      yield* runDue
      assert.match(
        (yield* removalOf("Movie 2")).reason ?? "",
        /said that "Movie 1" was removed, and still has it; until that removal has succeeded or is cancelled/
      )
      assert.deepStrictEqual(library.sent, ["1"])
      yield* passTime("1 minute")
      yield* runDue
      assert.deepStrictEqual(library.sent, ["1", "1"], "it was retried separately")
      yield* passTime("5 minutes")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("nothing more is removed there, even if the next attempt fails in an ordinary way", () => {
    const library = fullDisk()
    library.next("remove", "lie", "refuse")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* due
      yield* passTime("3 minutes")
      yield* runDue
      assert.deepStrictEqual(library.sent, ["1", "1"])
      assert.strictEqual((yield* removalOf("Movie 2")).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("removals continue there once a person has cancelled that removal", () => {
    const library = fullDisk()
    library.next("remove", "lie")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* due
      yield* (yield* Removals).cancel((yield* removalOf("Movie 1")).id).pipe(as("ann"))
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 2")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("nothing more is removed there; another title that vanishes during a run counts as one", () => {
    const library = fullDisk()
    library.onRemove = ({ title }) => Effect.sync(() => void (title === "Movie 1" && library.destroy("2")))
    for (let n = 10; n <= 12; n++) library.add({ title: `Movie ${n}`, sizeBytes: 3 * 2 ** 30, facts: { rating: 5 } })
    return Effect.gen(function* () {
      yield* planned("auto")
      const report = yield* due
      assert.deepStrictEqual(library.sent, ["1"])
      assert.deepStrictEqual([report.removed, report.spared], [1, 1])
      assert.isAtLeast(report.waiting, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("An outage", () => {
  it.effect("in which facts grow too old pauses scheduled and approved removals, and cancels none", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const { id } = yield* removalOf("Movie 1")
      const approved = yield* removals.approve(id).pipe(as("ann"))
      yield* (yield* Settings).patch(RemovalsSettings, { delaySeconds: 30 })
      library.down.add("server")
      yield* sync
      yield* plan()
      const report = yield* due
      assert.deepStrictEqual([report.waiting, library.sent.length], [1, 0])
      const waiting = yield* removalOf("Movie 1")
      assert.deepStrictEqual(
        [waiting.state, waiting.scheduledAt, waiting.approvedBy],
        ["scheduled", approved.scheduledAt, "account:ann"]
      )
      assert.match(waiting.reason ?? "", /unknown/)
      assert.strictEqual((yield* removalOf("Movie 2")).state, "proposed")
      library.behave()
      yield* sync
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not change the notice of a sunset", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("sunset")
      const before = yield* removalOf("Movie 1")
      library.down.add("server")
      yield* sync
      yield* plan()
      assert.deepStrictEqual(yield* removalOf("Movie 1"), before)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A part that went with its whole in the same run", () => {
  it.effect("is no reason to distrust its application", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      for (const title of ["Worst", "Worst, season 1", "Movie"]) {
        yield* service.request(yield* itemIdOf(title)).pipe(as("ann"))
      }
      yield* passTime("31 seconds")
      const report = yield* runDue
      assert.deepStrictEqual(yield* stateOf("Worst"), "removed")
      assert.deepStrictEqual(yield* stateOf("Movie"), "removed")
      assert.strictEqual(report.waiting, 0)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

const stateOf = (title: string) => Effect.map(removalOf(title), ({ state }) => state)
