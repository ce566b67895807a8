/** After a removal its request is reset, as a step of its own: whatever becomes of it, the removal is done. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import type { RequestOptions } from "../../src/removals/RemovalTerms.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { type FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  execution,
  itemIdOf,
  makeStackInMemory,
  passTime,
  removalOf,
  runDue,
  stackTest,
  sync
} from "../support/Stack.ts"
import { fullDisk, planned, shows } from "./Stocks.ts"

const request = (title: string, options: RequestOptions = { resetRequest: true }) =>
  Effect.gen(function* () {
    const service = yield* Removals
    return yield* service.request(yield* itemIdOf(title), options).pipe(as("ann"))
  })

const dueNow = Effect.andThen(passTime("31 seconds"), runDue)

/** "Movie 5" is requested, and other titles are. */
const wished = (): FakeLibrary => {
  const library = fullDisk()
  const ids = library.byTitle("Movie 5")!.ids
  library.resets.entries.set("media/5", { kind: "movie", ids, seasonNumber: null })
  library.resets.entries.set("media/6", { kind: "movie", ids: library.byTitle("Movie 6")!.ids, seasonNumber: null })
  return library
}

const resultOf = (title: string) =>
  Effect.map(removalOf(title), ({ requestReset, state }) => [state, requestReset?.state, requestReset?.reason])

describe("The request of a removed item", () => {
  it.effect("is reset after the removal, and no other one", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      assert.isNull((yield* request("Movie 5")).requestReset)
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, ["media/5"])
      assert.deepStrictEqual([...library.resets.entries.keys()], ["media/6"])
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["removed", "done", null])
      const { requestReset } = yield* removalOf("Movie 5")
      const act = yield* (yield* Acts).get(requestReset?.acts[0] ?? "")
      assert.deepStrictEqual([act.kind, act.title, act.state], ["reset-request", "Request of Movie 5", "done"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("in the other quality stands, whether or not that copy is there", () => {
    const library = wished()
    const { ids } = library.byTitle("Movie 5")!
    library.resets.entries.set("request/4k", { kind: "movie", ids, seasonNumber: null, is4k: true })
    library.add({ title: "Movie 6 in 4K", ids: library.byTitle("Movie 6")!.ids, facts: { resolution: "2160p" } })
    library.resets.entries.set("request/6", {
      kind: "movie",
      ids: library.byTitle("Movie 6")!.ids,
      seasonNumber: null,
      is4k: true
    })
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      yield* request("Movie 6 in 4K")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent.toSorted(), ["media/5", "request/6"])
      assert.deepStrictEqual([...library.resets.entries.keys()].toSorted(), ["media/6", "request/4k"])
      const { requestReset } = yield* removalOf("Movie 6 in 4K")
      const act = yield* (yield* Acts).get(requestReset?.acts[0] ?? "")
      assert.match(act.because, /its request for the 4K copy is to be reset/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is reset in both qualities if nobody can tell which one was removed, and says so", () => {
    const library = wished()
    const movie = library.byTitle("Movie 5")!
    movie.facts = { ...movie.facts, resolution: "1080p", qualityProfile: "Ultra-HD" }
    library.resets.entries.set("request/4k", { kind: "movie", ids: movie.ids, seasonNumber: null, is4k: true })
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent.toSorted(), ["media/5", "request/4k"])
      const { requestReset } = yield* removalOf("Movie 5")
      const act = yield* (yield* Acts).get(requestReset?.acts[0] ?? "")
      assert.match(act.because, /its requests for the usual copy and for the 4K copy are to be reset/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not reset if it may be that of a copy which remains", () => {
    const library = wished()
    const movie = library.byTitle("Movie 5")!
    // The resolution says that the other one is the 4K copy, the profile that this one is.
    movie.facts = { ...movie.facts, resolution: "1080p", qualityProfile: "Ultra-HD" }
    library.add({ title: "Movie 5 again", ids: movie.ids, facts: { resolution: "2160p", qualityProfile: "HD" } })
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, [])
      assert.deepStrictEqual(yield* resultOf("Movie 5"), [
        "removed",
        "failed",
        "it is not known whether it was the 4K copy, and another copy remains"
      ])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is left alone if that was not chosen", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", {})
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, [])
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["removed", undefined, undefined])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("that does not exist is told as not found", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 7")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, [])
      assert.deepStrictEqual(yield* resultOf("Movie 7"), ["removed", "not-found", null])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is tried again after a failure, which leaves the removal done", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      library.resets.next.push("deny")
      const report = yield* dueNow
      assert.deepStrictEqual([report.removed, report.failed], [1, 0])
      const [state, reset, reason] = yield* resultOf("Movie 5")
      assert.deepStrictEqual([state, reset], ["removed", "failed"])
      assert.match(String(reason), /the folder is read-only/)
      assert.isNotNull(yield* (yield* DueRemovals).nextDue, "the loop wakes for it")
      yield* passTime("3 minutes")
      yield* runDue
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["removed", "done", null])
      assert.deepStrictEqual(library.resets.sent, ["media/5", "media/5"])
      assert.deepStrictEqual(library.sent, ["5"], "the item is not touched again")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("waits while its application does not answer, or is disabled", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      library.resets.down = true
      yield* dueNow
      assert.strictEqual((yield* resultOf("Movie 5"))[1], "waiting")
      library.resets.down = false
      const integrations = yield* Integrations
      const wishes = (yield* integrations.list).find(({ name }) => name === "Wishes")!
      yield* integrations.update(wishes.id, { enabled: false })
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* resultOf("Movie 5"))[1], "waiting")
      yield* integrations.update(wishes.id, { enabled: true })
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* resultOf("Movie 5"))[1], "done")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not reset while the brake is on, not even if that was set between the two", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      const settings = yield* Settings
      library.onRemove = () =>
        Effect.orDie(Effect.asVoid(settings.patch(RemovalsSettings, { deletionsEnabled: false })))
      yield* dueNow
      assert.deepStrictEqual([library.sent, library.resets.sent], [["5"], []])
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      yield* runDue
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["removed", "done", null])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stands if the removal was undone in the meantime", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      const { id } = yield* request("Movie 5")
      library.resets.down = true
      yield* dueNow
      yield* (yield* Removals).restore(id)
      library.resets.down = false
      yield* passTime("2 minutes")
      yield* runDue
      assert.deepStrictEqual(library.resets.sent, [])
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["restored", "failed", "the removal was undone"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stands if the title is in the library again: somebody has requested it since", () => {
    const library = wished()
    const { ids } = library.byTitle("Movie 5")!
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5")
      library.resets.down = true
      yield* dueNow
      library.resets.down = false
      library.add({ title: "Movie 5", ids, sizeBytes: 12 * gib })
      yield* passTime("1 hour")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.resets.sent, [])
      assert.deepStrictEqual(yield* resultOf("Movie 5"), ["removed", "failed", "it is in the library again"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("of a removal whose stored decision is damaged does not stop the others", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("approval")
      const { id } = yield* request("Best, season 1", {})
      yield* dueNow
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE removals SET reset_request = 1 WHERE id = ${Number(id)}`
      yield* sql`UPDATE removal_decisions SET decision = '{' WHERE removal_id = ${Number(id)}`
      library.resets.entries.set("media/1", { kind: "movie", ids: library.byTitle("Movie")!.ids, seasonNumber: null })
      yield* request("Movie")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, ["media/1"])
      assert.deepStrictEqual(yield* resultOf("Movie"), ["removed", "done", null])
      assert.isNull(yield* (yield* DueRemovals).nextDue)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is that of the season alone, and of no other season", () => {
    const library = shows()
    const { ids } = library.byTitle("Best")!
    library.resets.entries.set("request/1", { kind: "show", ids, seasonNumber: 1 })
    library.resets.entries.set("request/2", { kind: "show", ids, seasonNumber: 2 })
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Best, season 1")
      yield* dueNow
      assert.deepStrictEqual(library.resets.sent, ["request/1"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is reset after an item was only unmonitored, too", () => {
    const library = wished()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor", resetRequest: true })
      yield* dueNow
      yield* sync
      assert.deepStrictEqual([library.resets.sent, library.byTitle("Movie 5")?.stripped], [["media/5"], false])
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const at of ["hang", "hang-done", "timeout-done"] as const) {
    it.effect(`is deleted once if the process ends during it, or its response is lost (${at})`, () =>
      Effect.gen(function* () {
        const library = wished()
        const { restart, use } = yield* makeStackInMemory(library)
        yield* use(planned("approval"))
        yield* use(request("Movie 5"))
        yield* passTime("31 seconds")
        library.resets.next.push(at)
        const fiber = yield* Effect.forkChild(use(execution))
        while (library.resets.hanging === 0 && fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        yield* restart
        yield* use(runDue)
        yield* passTime("3 minutes")
        yield* use(runDue)
        assert.deepStrictEqual(yield* use(resultOf("Movie 5")), ["removed", "done", null])
        assert.strictEqual(library.resets.sent.length, at === "hang" ? 2 : 1)
        assert.deepStrictEqual(library.sent, ["5"])
      }).pipe(Effect.scoped)
    )
  }

  it.effect("cannot be chosen if no integration can reset it: that is refused at once", () =>
    Effect.gen(function* () {
      yield* planned("approval", { without: ["wishes"] })
      const refused = yield* Effect.flip(request("Movie 5"))
      assert.strictEqual("detail" in refused ? refused.detail : "", "no integration can reset requests")
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )
})
