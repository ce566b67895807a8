/** Changes between a sync and a deletion are noticed: the facts are read again before an item is removed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { About, OddRecords } from "../../src/integrations/OddRecords.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { FakeItem } from "../support/FakeItem.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
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
import { playback } from "../library/Samples.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits, shows, together } from "./Stocks.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { Sources } from "../../src/library/Sources.ts"
import { Sync } from "../../src/library/Sync.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const due = Effect.andThen(passTime("31 seconds"), runDue)
const now = "2026-01-15T12:00:10.000Z"

/** What somebody does with "Movie 1" between the plan and its removal, and why it is spared then. */
const events: ReadonlyArray<readonly [string, (item: FakeItem) => void, RegExp]> = [
  [
    "watches it",
    (item) => void (item.plays = [{ name: "bob", plays: 1, lastPlayedAt: now }]),
    /it was played \(2026-01-15T12:00:10.000Z\) since it was planned/
  ],
  ["asks for it", (item) => void (item.requestedBy = ["bob"]), /it was requested.* since it was planned/],
  ["tags it", (item) => void (item.facts = { ...item.facts, tags: ["mine"] }), /it got the tag mine since/]
]

describe("An item that somebody uses after the last sync", () => {
  for (const [what, act, why] of events) {
    for (const mode of ["auto", "approval", "sunset"] as const) {
      it.effect(`is spared if somebody ${what} (${mode})`, () => {
        const library = fullDisk()
        return Effect.gen(function* () {
          yield* planned(mode)
          const removals = yield* Removals
          const { id } = yield* removalOf("Movie 1")
          if (mode === "approval") yield* removals.approve(id).pipe(as("ann"))
          if (mode === "sunset") yield* removals.reschedule(id, "2026-01-15T12:00:20.000Z").pipe(as("ann"))
          act(library.byTitle("Movie 1")!)
          yield* due
          const spared = yield* removalOf("Movie 1")
          assert.deepStrictEqual([spared.state, library.sent.includes("1")], ["spared", false])
          assert.match(spared.reason ?? "", mode === "sunset" && what === "watches it" ? /played|watched/ : why)
        }).pipe(Effect.provide(stackTest(library)))
      })
    }
  }

  it.effect("waits while somebody plays it, and is removed afterwards", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      library.byTitle("Movie 1")!.playing = true
      yield* due
      assert.deepStrictEqual(
        [(yield* removalOf("Movie 1")).state, (yield* removalOf("Movie 1")).reason],
        ["scheduled", "it is being played"]
      )
      library.byTitle("Movie 1")!.playing = false
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is spared even if a person requested its removal, if a rule keeps it because of the change", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const rules = yield* Rules
      const condition = { kind: "condition", field: "tags", operator: "contains", value: "keep" } as const
      yield* rules.create({ name: "keep", enabled: true, effect: "always-keep", condition })
      const { id } = yield* (yield* Removals).request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
      library.byTitle("Movie 5")!.facts = { ...library.byTitle("Movie 5")!.facts, tags: ["keep"] }
      yield* due
      const { reason, state } = yield* (yield* Removals).get(id)
      assert.deepStrictEqual([state, reason], ["spared", "A rule always keeps it"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is spared if somebody reaches it in its show", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* (yield* Settings).patch(RemovalsSettings, { caps: { maxLibraryShare: 1 } })
      yield* planned("auto", {}, { type: "percent", threshold: 85, target: 50 })
      for (const title of ["Worst", "Worst, season 1"]) {
        library.byTitle(title)!.plays = [{ name: "bob", plays: 9, lastPlayedAt: now }]
      }
      yield* due
      const second = yield* removalOf("Worst, season 2")
      assert.deepStrictEqual(
        [second.state, second.reason],
        ["spared", "it came up next for somebody since it was planned"]
      )
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A fact that is read again", () => {
  it.effect("counts even if the last sync of its source failed, on a disk where that is allowed", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* setDisk({ allowedUnknown: ["playCount", "lastPlayedAt", "upNext", "watchedByRequester"] })
      library.down.add("server")
      yield* sync
      yield* plan()
      library.behave()
      library.byTitle("Movie 1")!.playing = true
      library.byTitle("Movie 2")!.plays = [{ name: "bob", plays: 1, lastPlayedAt: now }]
      yield* due
      assert.deepStrictEqual([(yield* removalOf("Movie 1")).reason, library.sent], ["it is being played", []])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not keep an item if it was already true long before the plan", () => {
    const library = fullDisk()
    const old = "2020-01-01T00:00:00.000Z"
    const { playback } = library.server.reread!
    Object.assign(library.server.reread!, {
      playback: (...asked: Parameters<NonNullable<typeof playback>>) =>
        Effect.map(playback!(...asked), (entries) => [
          ...entries,
          {
            serverItemId: "on-1",
            kind: "movie",
            seasonNumber: null,
            plays: 1,
            lastPlayedAt: old,
            users: [{ name: "bob", plays: 1, lastPlayedAt: old }]
          }
        ])
    })
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* due
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps the whole collection if it is about one member", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", together, sagaLimits)
      const last = library.byTitle("Movie 3")!
      last.facts = { ...last.facts, tags: ["mine"] }
      yield* due
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("Facts that cannot be read again", () => {
  it.effect("make a removal wait, whatever their last known values", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      library.down.add("server")
      yield* due
      const waiting = yield* removalOf("Movie 1")
      assert.deepStrictEqual([waiting.state, library.sent], ["scheduled", []])
      assert.match(waiting.reason ?? "", /its facts could not be read again: Shelf could not be reached/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  /** Adds records to the list of requests that do not contain what they request. */
  const withOddRequests = (library: FakeLibrary, records: ReadonlyArray<About>) => {
    const noteAll = (odd: OddRecords) =>
      records.forEach((about, at) =>
        odd.noteUnidentified("GET /requests", at, "it does not contain what it requests", about)
      )
    const { read, reread } = library.requests
    Object.assign(library.requests, {
      read: {
        requests: (...[progress, odd]: Parameters<NonNullable<typeof read.requests>>) =>
          Effect.tap(read.requests!(progress, odd), () => Effect.sync(() => noteAll(odd)))
      },
      reread: {
        requests: (...[wanted, odd]: Parameters<NonNullable<NonNullable<typeof reread>["requests"]>>) =>
          Effect.tap(reread!.requests!(wanted, odd), () => Effect.sync(() => noteAll(odd)))
      }
    })
  }

  const oddRequests: ReadonlyArray<readonly [string, About, boolean]> = [
    ["without any other field", { row: { id: 7 } }, true],
    ["for a movie", { kind: "movie", row: { id: 7 } }, true],
    ["for a show", { kind: "show", row: { id: 7 } }, false],
    ["of an unknown type, for another title", { ids: ["tmdb-movie:99"], row: { id: 7 } }, false],
    ["that is open and old", { kind: "movie", at: "2020-01-01T00:00:00.000Z", row: { id: 7 } }, true],
    ["that is settled and old", { isSettled: true, at: "2020-01-01T00:00:00.000Z", row: { id: 7 } }, false],
    ["that was settled just now", { isSettled: true, at: now, row: { id: 7 } }, true]
  ]
  for (const [what, about, waits] of oddRequests) {
    it.effect(`${waits ? "make" : "do not make"} a removal wait for a new request ${what}`, () => {
      const library = fullDisk()
      const records: Array<About> = []
      withOddRequests(library, records)
      return Effect.gen(function* () {
        yield* planned("auto")
        records.push(about)
        yield* due
        const { reason, state } = yield* removalOf("Movie 1")
        assert.strictEqual(state, waits ? "scheduled" : "removed")
        if (!waits) return
        assert.match(reason ?? "", /reports a request that may be for it .*does not contain what it requests/)
        assert.deepStrictEqual(library.sent, [])
        yield* sync
        yield* passTime("2 minutes")
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 1")).state, "removed", "the sync has read it")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect(
    "block no removal if they are due to a request that was already faulty at the last sync, until it changes",
    () => {
      const library = fullDisk()
      const dead = { kind: "movie", row: { id: 7, status: 1 } } as const
      const records: Array<About> = [dead]
      withOddRequests(library, records)
      return Effect.gen(function* () {
        yield* planned("auto")
        // In the list with the newest first, it has moved down.
        records.splice(0, 1, { kind: "show", row: { id: 8 } }, { ...dead, row: { id: 7, status: 2 } })
        yield* due
        assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
        records.splice(1, 1, dead)
        yield* passTime("2 minutes")
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect(
    "block no removal if they are due to a request that was already faulty in a held sync that was then confirmed",
    () => {
      const library = fullDisk()
      const records: Array<About> = []
      withOddRequests(library, records)
      // A list that loses too much holds all readings of its application; one with faulty records loses nothing by itself.
      library.requestsCan = ["requests", "playback"]
      const plays = [1, 2, 3, 4].map((id) => playback(String(id), { ann: 1 }, now))
      Object.assign(library.requests.read, { playback: () => Effect.sync(() => plays) })
      return Effect.gen(function* () {
        yield* planned("auto")
        plays.length = 0
        records.push({ kind: "movie", row: { id: 7, status: 1 } })
        yield* (yield* Settings).patch(LibrarySettings, { maxDisappearance: 0.2 })
        const { integrations } = yield* sync
        const held = integrations.find(({ outcome }) => outcome === "held")
        assert.deepStrictEqual([held?.name, held?.odd.count], ["Wishes", 1])
        yield* (yield* Sync).confirmHeld(held?.integrationId ?? "")
        const states = yield* (yield* Sources).states
        assert.strictEqual(states.find(({ observation }) => observation === "requests")?.odd.count, 1)
        yield* plan()
        yield* due
        const { reason, state } = yield* removalOf("Movie 1")
        assert.deepStrictEqual([state, reason], ["removed", null])
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  const unable = (library: FakeLibrary) => {
    Object.assign(library.server, { reread: undefined })
    return library
  }

  it.effect("because the application has no call for one item must be newer than the plan", () => {
    const library = unable(fullDisk())
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* passTime("1 second")
      yield* setDisk({ mode: "auto" })
      yield* plan()
      yield* due
      assert.match(
        (yield* removalOf("Movie 1")).reason ?? "",
        /screen.* cannot be asked about it alone, and its entries were last read at .*; the next sync reads them/i
      )
      yield* sync
      yield* passTime("2 minutes")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("because the application has no call for one item do not block a removal that a person requested", () => {
    const library = unable(fullDisk())
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* setDisk({ mode: "approval" })
      yield* plan()
      yield* (yield* Removals).request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
      yield* due
      assert.strictEqual((yield* removalOf("Movie 5")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
