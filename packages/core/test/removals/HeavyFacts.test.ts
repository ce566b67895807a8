/** The last check before a removal if rules depend on facts that are stored in tables of their own: these are read again, too. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { CatalogFile } from "../../src/integrations/Observations.ts"
import { Removals } from "../../src/removals/Removals.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { as, itemIdOf, passTime, plan, removalOf, runDue, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"

const due = Effect.andThen(passTime("31 seconds"), runDue)
const now = "2026-01-15T12:00:10.000Z"

const finished = { name: "bob", plays: 1, lastPlayedAt: now, seen: 1, lastSeenAt: now, furthest: 0.98 }
const begun = { ...finished, seen: 0, lastSeenAt: null, furthest: 0.3 }

const file: CatalogFile = {
  path: "/media/library/it.mkv",
  sizeBytes: 1,
  quality: "DVD",
  releaseGroup: null,
  languages: ["English"],
  audioLanguages: ["eng"],
  subtitleLanguages: [],
  videoCodec: null,
  audioCodec: null,
  addedAt: null
}

const keep = (condition: Condition) =>
  Effect.flatMap(Rules, (rules) => rules.create({ name: "keep", enabled: true, effect: "always-keep", condition }))

const finishedByBob = leaf("viewersWhoFinished", "everWatched", undefined, { user: "bob" })

/** Every film has one file, which its manager lists. */
const withFiles = (library: FakeLibrary): FakeLibrary => {
  for (const item of library.items.values()) item.files = [file]
  return library
}

/** A person requests the removal of "Movie 5", which is changed before it is removed. */
const requested = (
  condition: Condition,
  meanwhile: (library: FakeLibrary) => Effect.Effect<void, never, SqlClient.SqlClient>
) => {
  const library = withFiles(fullDisk())
  return Effect.gen(function* () {
    yield* planned("approval")
    yield* keep(condition)
    const removals = yield* Removals
    const { id } = yield* removals.request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
    yield* meanwhile(library)
    yield* due
    const { reason, state } = yield* removals.get(id)
    return { state, reason, sent: library.sent.length > 0 }
  }).pipe(Effect.provide(stackTest(library)))
}

const happens = (act: (library: FakeLibrary) => void) => (library: FakeLibrary) => Effect.sync(() => act(library))
const nothing = happens(() => undefined)
const kept = { state: "spared" as const, reason: "A rule always keeps it", sent: false }

describe("A removal that a person requested", () => {
  it.effect("is carried out if no rule about details keeps the item", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* requested(finishedByBob, nothing), { state: "removed", sent: true })
    })
  )

  it.effect("is not carried out if somebody finishes the item after the last sync", () =>
    Effect.gen(function* () {
      const watches = happens((library) => void (library.byTitle("Movie 5")!.plays = [finished]))
      assert.deepStrictEqual(yield* requested(finishedByBob, watches), kept)
      assert.deepStrictEqual(yield* requested(leaf("furthestWatched", ">", 0.9), watches), kept)
      const other = happens((library) => void (library.byTitle("Movie 5")!.plays = [begun]))
      assert.deepInclude(
        yield* requested(finishedByBob, other),
        { state: "removed" },
        "people who only began it do not count"
      )
    })
  )

  it.effect("is not carried out if the file is replaced by one that a rule keeps", () =>
    Effect.gen(function* () {
      const inJapanese = leaf("audioLanguages", "contains", "jpn")
      assert.deepInclude(yield* requested(inJapanese, nothing), { state: "removed" })
      const upgraded = happens((library) => {
        library.byTitle("Movie 5")!.files = [{ ...file, audioLanguages: ["eng", "jpn"] }]
      })
      assert.deepStrictEqual(yield* requested(inJapanese, upgraded), kept)
    })
  )

  it.effect("waits while it is unknown whether a rule keeps the item", () =>
    Effect.gen(function* () {
      const lost = { state: "scheduled" as const, reason: "a rule may keep it: audioLanguages unknown", sent: false }
      const unlisted = (library: FakeLibrary) =>
        Effect.gen(function* () {
          const { files: _, ...item } = library.byTitle("Movie 5")!
          library.items.set(item.externalId, item)
          const sql = yield* SqlClient.SqlClient
          yield* Effect.orDie(sql`DELETE FROM item_files`)
        })
      assert.deepStrictEqual(yield* requested(leaf("audioLanguages", "contains", "jpn"), unlisted), lost)
      const untold = happens((library) => {
        const { furthest: _, lastSeenAt: __, seen: ___, ...plays } = finished
        library.byTitle("Movie 5")!.plays = [plays]
      })
      assert.deepStrictEqual(yield* requested(finishedByBob, untold), {
        ...lost,
        reason: "a rule may keep it: viewersWhoFinished unknown"
      })
    })
  )

  it.effect("is refused when it is requested if the last sync has read that somebody finished the item", () =>
    Effect.gen(function* () {
      const library = withFiles(fullDisk())
      yield* Effect.gen(function* () {
        yield* planned("approval")
        yield* keep(finishedByBob)
        library.byTitle("Movie 5")!.plays = [finished]
        yield* sync
        const error = yield* Effect.flip((yield* Removals).request(yield* itemIdOf("Movie 5")))
        assert.strictEqual(error._tag, "RemovalForbidden")
      }).pipe(Effect.provide(stackTest(library)))
    })
  )
})

describe("A removal of the engine", () => {
  it.effect("is not planned, or is withdrawn, if a rule about details keeps the item", () => {
    const library = withFiles(fullDisk())
    return Effect.gen(function* () {
      yield* planned("auto")
      assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
      library.byTitle("Movie 1")!.plays = [finished]
      yield* keep(finishedByBob)
      yield* sync
      yield* plan()
      assert.strictEqual((yield* removalOf("Movie 1")).state, "spared")
      yield* due
      assert.isFalse(library.sent.includes("1"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stores only those details with its decision that it was based on", () => {
    const library = withFiles(fullDisk())
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* keep(leaf("audioLanguages", "contains", "jpn"))
      yield* plan()
      const { id } = yield* removalOf("Movie 1")
      const { decision } = yield* (yield* Removals).get(id)
      const details = decision.facts.filter(({ fact }) => /anguages|releaseGroups|Finished/.test(fact))
      assert.deepStrictEqual(
        details.map(({ fact, value }) => [fact, value]),
        [["audioLanguages", ["eng"]]]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("The entry of a show whose last season was removed", () => {
  it.effect("is settled where the details are known by which a rule keeps", () => {
    const library = new FakeLibrary()
    library.addShow("One", [20 * gib])
    return Effect.gen(function* () {
      yield* planned("approval", { options: { emptyEntries: "unmonitor" } })
      yield* keep(finishedByBob)
      yield* (yield* Removals).request(yield* itemIdOf("One, season 1"))
      yield* due
      assert.deepStrictEqual(library.settled, [{ externalId: "1", choice: "unmonitor" }])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("What is read again of an item", () => {
  it.effect("goes with the item, when that is removed", () => {
    const library = withFiles(fullDisk())
    return Effect.gen(function* () {
      library.byTitle("Movie 5")!.plays = [begun]
      yield* planned("approval")
      const sql = yield* SqlClient.SqlClient
      const left = Effect.orDie(
        sql`SELECT item_id FROM plays WHERE item_id = ${Number(yield* itemIdOf("Movie 5"))}
          UNION ALL SELECT item_id FROM item_files WHERE item_id = ${Number(yield* itemIdOf("Movie 5"))}`
      )
      assert.lengthOf(yield* left, 2)
      yield* (yield* Removals).request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
      yield* due
      assert.deepStrictEqual(library.sent, ["5"])
      assert.deepStrictEqual(yield* left, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is stored with what was known, and the next sync stores what it has read itself", () => {
    const library = withFiles(fullDisk())
    return Effect.gen(function* () {
      library.byTitle("Movie 5")!.plays = [{ ...begun, name: "ann", plays: 4 }]
      yield* planned("approval")
      const sql = yield* SqlClient.SqlClient
      const stored = Effect.map(
        Effect.orDie(
          sql<{
            line: string
          }>`SELECT viewer_identities.name || ' ' || plays.plays || ' ' || coalesce(seen, '-') AS line
            FROM plays JOIN viewer_identities ON viewer_identities.id = identity_id
              JOIN items ON items.id = item_id WHERE items.title = 'Movie 5' ORDER BY 1`
        ),
        (rows) => rows.map(({ line }) => line)
      )
      assert.deepStrictEqual(yield* stored, ["ann 4 0"])
      yield* keep(finishedByBob)
      const removals = yield* Removals
      yield* removals.request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
      // The server no longer has some of the plays, and has a new viewer.
      library.byTitle("Movie 5")!.plays = [{ ...begun, name: "ann", plays: 1 }, finished]
      yield* due
      assert.deepStrictEqual(yield* stored, ["ann 4 0", "bob 1 1"])
      yield* sync
      assert.deepStrictEqual(yield* stored, ["ann 1 0", "bob 1 1"])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
