/** Races: a person acts while a plan is computed; a disk stops being reported in the millisecond in which it was read. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Actor } from "../../src/events/Actor.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { RemovalStore } from "../../src/removals/RemovalStore.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFakes, itemIdOf, plan, removalOf, runDue, setDisk, stackTest, states, sync } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

/** Plans with a store that lets `act` happen once, right after the planner has read the open removals. */
const planWhile = (act: Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const store = yield* RemovalStore
    let acted = false
    const disturbed = RemovalStore.of({
      ...store,
      where: (condition) =>
        Effect.tap(store.where(condition), () => {
          if (acted) return Effect.void
          acted = true
          return Effect.orDie(act)
        })
    })
    const layer = Layer.fresh(Planner.layer).pipe(Layer.provide(Layer.succeed(RemovalStore, disturbed)))
    const planner = Context.get(yield* Layer.build(layer), Planner)
    return yield* planner.run({ runId: null }).pipe(Effect.provideService(Actor, "job:capacity"))
  })

describe("While a plan is computed", () => {
  it.effect("a removal that a person cancels stays cancelled, and another item is planned instead", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const { id } = yield* removalOf("Movie 1")
      const report = yield* planWhile(removals.cancel(id))
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "proposed", "Movie 3": "proposed" })
      assert.strictEqual(report.proposed, 2)
    }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
  })

  it.effect("a removal that a person requests counts towards the bytes to free", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      yield* planWhile(removals.request(yield* itemIdOf("Movie 9")))
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "cancelled", "Movie 9": "scheduled" })
    }).pipe(Effect.scoped, Effect.provide(stackTest(library)))
  })
})

describe("A disk that was read for the plan but cannot be read when removals are due right afterwards", () => {
  it.effect("counts as unread, and its removals wait", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* (yield* Settings).patch(RemovalsSettings, { delaySeconds: 0 })
      yield* sync
      yield* setDisk({ mode: "auto" })
      yield* plan()
      library.down.add("disks")
      const report = yield* runDue
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual(report.waiting, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
