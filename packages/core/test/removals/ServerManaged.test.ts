/** What no manager knows, and is removed through a media server. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Restores } from "../../src/removals/Restores.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
  explanationOf,
  itemIdOf,
  passTime,
  plan,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"

/** One film of the manager, and one that only the media server has. */
const twoFilms = (serverManages = true) => {
  const library = new FakeLibrary()
  library.serverManages = serverManages
  library.add({ title: "Known", ids: ["tmdb-movie:1"], sizeBytes: 0 })
  library.add({ title: "Stray", ids: ["tmdb-movie:2"], unmanaged: true, sizeBytes: 95 * gib })
  return library
}

const present = Effect.map(
  Effect.flatMap(Snapshots, (snapshots) => snapshots.get),
  ({ items }) => items.map(({ data, title }) => (data.ofServer === true ? `${title} on the server` : title)).sort()
)

const start = Effect.gen(function* () {
  const ids = yield* connectFakes({ without: ["wishes"] })
  yield* sync
  yield* setDisk({ mode: "auto" })
  return ids
})

const isKnown = (library: FakeLibrary) => {
  library.byTitle("Stray")!.unmanaged = false
  return sync
}

describe("An entry of a media server that no manager knows", () => {
  it.effect("is counted, and is an item only if the server manages such entries", () =>
    Effect.gen(function* () {
      const { screen } = yield* start
      assert.deepStrictEqual(yield* present, ["Known"])
      assert.strictEqual((yield* (yield* Integrations).get(screen!)).unmanagedEntries, 1)
    }).pipe(Effect.provide(stackTest(twoFilms(false))))
  )

  it.effect("is removed through the server, and cannot be restored", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      yield* start
      assert.deepStrictEqual(yield* present, ["Known", "Stray on the server"])
      yield* plan()
      const planned = yield* removalOf("Stray")
      assert.strictEqual(planned.state, "scheduled")
      assert.isFalse(planned.canBeUndone)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.removed, ["2"])
      assert.deepInclude(yield* removalOf("Stray"), { state: "removed", restorable: false })
      const refused = yield* Effect.flip((yield* Restores).restore(planned.id))
      assert.match(refused.message, /cannot add again/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("waits while a manager cannot be read, and while it is disabled", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      const { shelf } = yield* start
      yield* plan()
      assert.deepInclude(yield* states, { Stray: "scheduled" })
      library.down.add("manager")
      yield* sync
      assert.deepStrictEqual(yield* present, ["Known", "Stray on the server"], "what is known stays known")
      const undecided = yield* explanationOf("Stray")
      assert.strictEqual(undecided.decision?.status, "undecided")
      const removals = yield* Removals
      library.down.clear()
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      const integrations = yield* Integrations
      library.down.clear()
      yield* integrations.update(shelf, { enabled: false })
      yield* sync
      assert.deepStrictEqual(yield* present, ["Known", "Stray on the server"])
      assert.strictEqual((yield* explanationOf("Stray")).decision?.status, "undecided")
      yield* passTime("1 hour")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      yield* removals.cancel((yield* removalOf("Stray")).id).pipe(as("ann"))
      const refused = yield* Effect.flip(removals.request(yield* itemIdOf("Stray")).pipe(as("ann")))
      assert.match(refused.message, /a manager may know it: Shelf is disabled/)
      yield* integrations.update(shelf, { enabled: true })
      yield* sync
      assert.strictEqual((yield* explanationOf("Stray")).decision?.status, "candidate")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "belongs to the manager as soon as it knows it: protections and refusals go over, and nothing is sent",
    () => {
      const library = twoFilms()
      return Effect.gen(function* () {
        yield* start
        yield* plan()
        const before = yield* itemIdOf("Stray")
        const removal = yield* removalOf("Stray")
        yield* isKnown(library)
        assert.deepStrictEqual(yield* present, ["Known", "Stray"])
        yield* passTime("31 seconds")
        yield* runDue
        assert.deepStrictEqual(library.sent, [])
        assert.strictEqual((yield* (yield* Removals).get(removal.id)).state, "spared")
        assert.notStrictEqual(yield* itemIdOf("Stray"), before)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("waits if a manager has begun to know it since the last sync", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      yield* start
      yield* plan()
      const stray = library.byTitle("Stray")!
      stray.unmanaged = false
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      const waiting = yield* removalOf("Stray")
      assert.strictEqual(waiting.state, "scheduled")
      assert.match(waiting.reason ?? "", /Shelf may know it now/)
      stray.unmanaged = true
      yield* passTime("1 hour")
      yield* runDue
      assert.deepStrictEqual(library.removed, ["2"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "waits if its server has merged it with another entry since the last sync, whose files would go too",
    () => {
      const library = twoFilms()
      const stray = library.byTitle("Stray")!
      stray.filePath = "/media/library/Stray/stray.mkv"
      const other = { title: "Other", ids: ["tmdb-movie:3"], unmanaged: true, sizeBytes: 0 } as const
      library.add({ ...other, filePath: "/media/library/Other/other.mkv" })
      return Effect.gen(function* () {
        yield* start
        yield* (yield* Protections).add({ itemId: yield* itemIdOf("Other") }).pipe(as("ann"))
        yield* plan()
        // Two files: none of them is its only one.
        delete stray.filePath
        yield* passTime("31 seconds")
        yield* runDue
        assert.deepStrictEqual(library.sent, [])
        assert.match((yield* removalOf("Stray")).reason ?? "", /no longer the same/)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("stays protected when a manager begins to know it, and when it ceases to", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      yield* start
      yield* (yield* Protections).add({ itemId: yield* itemIdOf("Stray") }).pipe(as("ann"))
      yield* isKnown(library)
      assert.strictEqual((yield* explanationOf("Stray")).decision?.status, "protected")
      const known = library.byTitle("Known")!
      yield* (yield* Protections).add({ itemId: yield* itemIdOf("Known") }).pipe(as("ann"))
      known.unmanaged = true
      yield* sync
      assert.deepStrictEqual(yield* present, ["Stray"], "not at once: the manager may have lost its database")
      yield* passTime("25 hours")
      yield* sync
      assert.deepStrictEqual(yield* present, ["Known on the server", "Stray"])
      assert.strictEqual((yield* explanationOf("Known")).decision?.status, "protected")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps a person's refusal when a manager begins to know it", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      yield* start
      yield* plan()
      yield* (yield* Removals).cancel((yield* removalOf("Stray")).id).pipe(as("ann"))
      yield* isKnown(library)
      yield* plan()
      yield* passTime("31 seconds")
      yield* runDue
      assert.notInclude(library.sent, "2")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not become an item because its manager lists it under other ids, with the same folder", () => {
    const library = twoFilms()
    library.add({ title: "Stray", ids: ["tmdb-movie:77"], onServer: false })
    return Effect.gen(function* () {
      yield* start
      assert.deepStrictEqual(yield* present, ["Known", "Stray"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is dropped when the option is switched off, without waiting for a person", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      const { screen } = yield* start
      yield* (yield* Settings).patch(LibrarySettings, { maxDisappearance: 0.2 })
      library.serverManages = false
      yield* (yield* Integrations).update(screen!, { name: "Screen again" })
      const report = yield* (yield* Sync).run()
      assert.deepStrictEqual(
        report.integrations.map(({ outcome }) => outcome),
        ["applied", "applied"]
      )
      assert.deepStrictEqual(yield* present, ["Known"])
      assert.deepStrictEqual((yield* (yield* Integrations).get(screen!)).health.problems, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("waits while a manager is disabled whose items may not be read either", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      const { shelf } = yield* start
      yield* plan()
      const options = { disabledCapabilities: ["catalog"] } as const
      yield* (yield* Integrations).update(shelf, { enabled: false, options })
      yield* sync
      assert.strictEqual((yield* explanationOf("Stray")).decision?.status, "undecided")
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stays an item while the plays of its server are not read", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      const { screen } = yield* start
      yield* (yield* Integrations).update(screen!, { options: { disabledCapabilities: ["playback"] } })
      yield* sync
      yield* sync
      assert.deepStrictEqual(yield* present, ["Known", "Stray on the server"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is one file with the same entry of a second server, which counts once", () => {
    const library = twoFilms()
    return Effect.gen(function* () {
      yield* start
      const integrations = yield* Integrations
      yield* integrations.create({ kind: "screen", name: "Second", url: "http://second.test", config: {} })
      yield* sync
      const snapshot = yield* (yield* Snapshots).get
      const [one, other] = snapshot.items.filter(({ title }) => title === "Stray")
      assert.deepStrictEqual(snapshot.sameFileAs(one!), [other!])
      yield* plan()
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.removed, ["2"])
      yield* runDue
      assert.strictEqual(library.sent.length, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
