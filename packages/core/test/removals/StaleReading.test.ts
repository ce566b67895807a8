/** Readings of the library that are older than a removal. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { connectFakes, itemIdOf, removals, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"

const removed = Effect.fnUntraced(function* (title: string) {
  yield* setDisk({ mode: "auto" })
  yield* Effect.flatMap(Settings, (settings) => settings.patch(RemovalsSettings, { delaySeconds: 0 }))
  const id = yield* itemIdOf(title)
  yield* Effect.flatMap(Removals, (service) => service.request(id))
  yield* runDue
  assert.deepStrictEqual(
    (yield* removals).map(({ state }) => state),
    ["removed"]
  )
  return id
})

const goneAt = (id: string) =>
  Effect.map(
    Effect.flatMap(Library, (library) => library.get(id)),
    (item) => item.goneAt
  )

describe("An item that was removed", () => {
  const setUp = () => {
    const library = new FakeLibrary({ "/media": 1000 * gib })
    library.add({ title: "Gone" })
    library.add({ title: "Stays" })
    return library
  }

  it.effect("does not come back when the next sync cannot read its application", () => {
    const library = setUp()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const id = yield* removed("Gone")
      library.down.add("manager")
      yield* sync
      assert.isNotNull(yield* goneAt(id))
      assert.isNull(yield* goneAt(yield* itemIdOf("Stays")))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not come back when the old readings are joined again", () => {
    const library = setUp()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const id = yield* removed("Gone")
      yield* Effect.flatMap(Sync, (service) => service.rejoin)
      assert.isNotNull(yield* goneAt(id))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("comes back when a later reading lists it", () => {
    const library = setUp()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const before = library.byTitle("Gone")
      const id = yield* removed("Gone")
      assert.isDefined(before)
      library.items.set(before.externalId, before)
      yield* sync
      assert.isNull(yield* goneAt(id))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("leaves its show as small as the removal made it when an old reading is joined", () => {
    const library = setUp()
    library.addShow("Series", [10 * gib, 20 * gib])
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      const show = yield* itemIdOf("Series")
      const season = yield* removed("Series, season 2")
      yield* Effect.flatMap(Sync, (service) => service.rejoin)
      assert.isNotNull(yield* goneAt(season))
      const after = yield* Effect.flatMap(Library, (service) => service.get(show))
      assert.deepStrictEqual(
        { goneAt: after.goneAt, sizeBytes: after.sizeBytes },
        { goneAt: null, sizeBytes: 10 * gib }
      )
    }).pipe(Effect.provide(stackTest(library)))
  })
})
