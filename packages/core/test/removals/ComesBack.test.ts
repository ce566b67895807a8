/** Decisions about an item still apply when the item, or the whole integration, is removed and added again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Removals } from "../../src/removals/Removals.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { as, itemIdOf, passTime, plan, removalOf, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, planned, shows } from "./Stocks.ts"

/** Removes the manager from Tendarr and connects it again; all of its items get new ids. */
const reconnect = Effect.gen(function* () {
  const integrations = yield* Integrations
  const [shelf] = yield* integrations.list
  yield* (yield* Sync).forget(shelf!.id)
  yield* integrations.create({ kind: "shelf", name: "Shelf again", url: "http://shelf.test", config: {} })
  yield* sync
  yield* setDisk({ mode: "auto" })
})

/** Deletes a film in the application and adds it again there. */
const addAgain = (library: FakeLibrary, title: string) =>
  Effect.gen(function* () {
    const before = library.byTitle(title)!
    library.items.delete(before.externalId)
    yield* sync
    library.add({ ...before, externalId: `${before.externalId}00` })
    yield* sync
  })

const present = Effect.map(
  Effect.flatMap(Snapshots, (snapshots) => snapshots.get),
  ({ items }) => items.map(({ title }) => title)
)

/** Two rounds, because the removal of an item that vanished counts as under way until it is given up. */
const removeAll = Effect.gen(function* () {
  for (let round = 0; round < 2; round++) {
    yield* plan()
    yield* passTime("31 seconds")
    yield* runDue
  }
})

for (const [name, comesBack] of [
  ["added again in its application", (library: FakeLibrary) => addAgain(library, "Movie 1")],
  ["of an integration that was removed and connected again", () => reconnect]
] as const) {
  describe(`An item ${name}`, () => {
    it.effect("stays protected", () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("auto")
        const before = yield* itemIdOf("Movie 1")
        yield* (yield* Protections).add({ itemId: before }).pipe(as("ann"))
        yield* comesBack(library)
        assert.notStrictEqual(yield* itemIdOf("Movie 1"), before, "it has another id")
        yield* removeAll
        assert.isDefined(library.byTitle("Movie 1"))
        assert.notDeepEqual(library.removed, [], "others went")
      }).pipe(Effect.provide(stackTest(library)))
    })

    it.effect("is not planned after its removal was cancelled, until the cancellation is released", () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("auto")
        const cancelled = yield* removalOf("Movie 1")
        yield* (yield* Removals).cancel(cancelled.id).pipe(as("ann"))
        yield* comesBack(library)
        yield* removeAll
        assert.isDefined(library.byTitle("Movie 1"))
        const { summary } = yield* (yield* Explain).item(yield* itemIdOf("Movie 1"))
        assert.include(summary, `removal ${cancelled.id} was cancelled by account:ann`)
        yield* (yield* Removals).release(cancelled.id)
        yield* setDisk({ limits: { type: "percent", threshold: 20, target: 10 } })
        yield* removeAll
        assert.isUndefined(library.byTitle("Movie 1"))
      }).pipe(Effect.provide(stackTest(library)))
    })

    it.effect("is not planned until the snooze of its removal has ended", () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("auto")
        yield* (yield* Removals).reject((yield* removalOf("Movie 1")).id, "2026-02-15T12:00:00.000Z")
        yield* comesBack(library)
        yield* setDisk({ limits: { type: "percent", threshold: 20, target: 10 } })
        yield* removeAll
        assert.isDefined(library.byTitle("Movie 1"))
        yield* passTime("32 days")
        yield* sync
        yield* removeAll
        assert.isUndefined(library.byTitle("Movie 1"))
      }).pipe(Effect.provide(stackTest(library)))
    })
  })
}

describe("A season of a show that was added again", () => {
  it.effect("stays protected by its show, and a cancelled season blocks no other season", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* (yield* Protections).add({ itemId: yield* itemIdOf("Best, season 2") })
      const cancelled = yield* removalOf("Worst, season 1")
      yield* (yield* Removals).cancel(cancelled.id)
      yield* reconnect
      yield* setDisk({ limits: { type: "percent", threshold: 5, target: 1 } })
      yield* removeAll
      const there = yield* Effect.andThen(sync, present)
      assert.include(there, "Worst, season 1")
      assert.include(there, "Best, season 2")
      assert.notInclude(there, "Worst, season 2")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("Another copy of a film", () => {
  it.effect("is not affected by a decision about a copy that still exists", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* (yield* Protections).add({ itemId: yield* itemIdOf("Movie 1") })
      const [item] = (yield* (yield* Snapshots).get).items.filter(({ title }) => title === "Movie 1")
      const protecting = yield* (yield* Protections).protecting
      assert.isDefined(protecting(item!))
      assert.isUndefined(protecting({ ...item!, id: "9999", integrationId: "77", externalId: "5" }))
    }).pipe(Effect.provide(stackTest(library)))
  })
})
