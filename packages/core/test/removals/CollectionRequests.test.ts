/** A collection that a person has requested stays together until the last request, whatever the integration's options. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Collections } from "../../src/library/Collections.ts"
import { CollectionRemovals } from "../../src/removals/CollectionRemovals.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { as, connectFakes, itemIdOf, passTime, runDue, setDisk, stackTest, states, sync } from "../support/Stack.ts"
import { fullDiskWithSaga, planned, sagaLimits } from "./Stocks.ts"

const requested = Effect.gen(function* () {
  yield* planned("approval", {}, sagaLimits)
  const saga = (yield* (yield* Collections).list).find(({ title }) => title === "Saga")!
  return yield* (yield* CollectionRemovals).request(saga.id).pipe(as("ann"))
})

const dueNow = Effect.andThen(passTime("31 seconds"), runDue)

const spared = { "Movie 1": "spared", "Movie 2": "spared", "Movie 3": "spared" }

const keepSecond = Effect.flatMap(Rules, (rules) =>
  rules.create({ name: "Keep", enabled: true, effect: "always-keep", condition: leaf("tags", "contains", "keep") })
)

describe("A collection that a person has requested", () => {
  it.effect("is removed", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      assert.strictEqual((yield* requested).requested.length, 3)
      yield* dueNow
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed", "Movie 3": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays completely if a rule keeps one of its members since", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* keepSecond
      yield* requested
      const second = library.byTitle("Movie 2")!
      second.facts = { ...second.facts, tags: ["keep"] }
      yield* sync
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.deepStrictEqual(yield* states, spared)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays completely if that was not read yet", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* keepSecond
      yield* requested
      const third = library.byTitle("Movie 3")!
      third.facts = { ...third.facts, tags: ["keep"] }
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.deepStrictEqual(yield* states, spared)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays completely if one of its members is on a disk in dry-run", () => {
    const library = new FakeLibrary({ "/media": 1000 * gib, "/other": 1000 * gib })
    for (const [title, disk] of [
      ["Movie 1", "/media"],
      ["Movie 2", "/other"],
      ["Movie 3", "/media"]
    ] as const) {
      library.add({ title, disk, collections: ["Saga"] })
    }
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* setDisk({ mode: "auto" }, "/media")
      const saga = (yield* (yield* Collections).list).find(({ title }) => title === "Saga")!
      yield* (yield* CollectionRemovals).request(saga.id).pipe(as("ann"))
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "proposed", "Movie 3": "spared" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays completely if one member is protected while another is being removed", () => {
    const library = fullDiskWithSaga()
    library.prepares = true
    return Effect.gen(function* () {
      const stopping = yield* StoppingDecisions
      yield* requested
      const last = yield* itemIdOf("Movie 1")
      library.onPrepared = () => Effect.asVoid(Effect.orDie(stopping.protect({ itemId: last })))
      yield* dueNow
      assert.deepStrictEqual(library.removed, [])
      assert.deepStrictEqual([...library.prepared], [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
