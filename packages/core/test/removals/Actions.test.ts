/** Removals that unmonitor, or delete files and keep the entry: the promises apply to them as to all others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { RemovalAction } from "../../src/integrations/Kind.ts"
import { Library } from "../../src/library/Library.ts"
import { Protections } from "../../src/library/Protections.ts"
import type { RequestOptions } from "../../src/removals/RemovalTerms.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { type FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  audit,
  driveUntilHanging,
  execution,
  itemIdOf,
  makeStackInMemory,
  passTime,
  plan,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  sync
} from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits, shows } from "./Stocks.ts"

const request = (title: string, options?: RequestOptions) =>
  Effect.gen(function* () {
    const service = yield* Removals
    return yield* service.request(yield* itemIdOf(title), options).pipe(as("ann"))
  })

const dueNow = Effect.andThen(passTime("31 seconds"), runDue)

const listed = (title: string) =>
  Effect.gen(function* () {
    const item = yield* (yield* Library).get(yield* itemIdOf(title))
    return item.goneAt === null ? item : null
  })

const keeping: ReadonlyArray<RemovalAction> = ["unmonitor", "delete-files", "unmonitor-and-delete-files"]
const each = (name: string, test: (action: RemovalAction) => Effect.Effect<void, unknown>) => {
  for (const action of keeping) it.effect(`${action}: ${name}`, () => Effect.orDie(test(action)))
}

const overStack = <R>(library: FakeLibrary, test: Effect.Effect<void, unknown, R>) =>
  test.pipe(Effect.provide(stackTest(library))) as Effect.Effect<void, unknown>

describe("An item that is only unmonitored", () => {
  it.effect("stays in the library with its bytes, before and after the next sync (D21)", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor" })
      const report = yield* dueNow
      assert.deepStrictEqual([report.removed, report.unmonitored, report.freedBytes], [0, 1, 0])
      const done = yield* removalOf("Movie 5")
      assert.deepStrictEqual([done.state, done.freedBytes, done.restorable], ["removed", 0, true])
      assert.isFalse(library.byTitle("Movie 5")?.facts.monitored)
      assert.strictEqual((yield* listed("Movie 5"))?.sizeBytes, 10 * gib)
      yield* sync
      assert.strictEqual((yield* listed("Movie 5"))?.sizeBytes, 10 * gib)
      const [said] = (yield* audit).filter(({ type }) => type === "removal.removed")
      assert.match(said?.message ?? "", /^"Movie 5" was unmonitored: /)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not count towards what its disk needs", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const { needed, underWay } = {
        needed: (yield* plan({ dryRun: true })).groups[0]?.neededBytes,
        underWay: (yield* plan({ dryRun: true })).groups[0]?.underWayBytes
      }
      yield* request("Movie 9", { action: "unmonitor", graceDays: 30 })
      const [group] = (yield* plan({ dryRun: true })).groups
      assert.deepStrictEqual([group?.neededBytes, group?.underWayBytes], [needed, underWay])
      yield* request("Movie 8", { action: "delete-files", graceDays: 30 })
      const [after] = (yield* plan({ dryRun: true })).groups
      assert.strictEqual(after?.underWayBytes, (underWay ?? 0) + 10 * gib)
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )

  it.effect("does not stop a disk that fills up while it is unmonitored", () => {
    const library = fullDisk()
    library.onRemove = () => Effect.sync(() => library.add({ title: "Downloaded", sizeBytes: 2 * gib }))
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor" })
      const report = yield* dueNow
      assert.deepStrictEqual([report.unmonitored, report.stopped], [1, []])
      assert.isNull((yield* (yield* DiskGroups).list)[0]?.stoppedBecause)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not stop a disk on which removals free nothing", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor" })
      yield* dueNow
      assert.isNull((yield* (yield* DiskGroups).list)[0]?.stoppedBecause)
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )

  it.effect("is not unmonitored again, and a request for it is refused", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor" })
      library.byTitle("Movie 5")!.facts = { ...library.byTitle("Movie 5")!.facts, monitored: false }
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      const { reason, state } = yield* removalOf("Movie 5")
      assert.deepStrictEqual([state, reason], ["spared", "it is not monitored any more"])
      yield* sync
      assert.strictEqual((yield* Effect.flip(request("Movie 5", { action: "unmonitor" }))).code, "removal-forbidden")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is monitored again when that is undone, and protected; nothing is searched for", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor" })
      yield* dueNow
      const service = yield* Removals
      const { id } = yield* removalOf("Movie 5")
      assert.strictEqual((yield* service.restore(id)).state, "restored")
      assert.isTrue(library.byTitle("Movie 5")?.facts.monitored)
      assert.deepStrictEqual(
        (yield* (yield* Protections).list).map(({ title }) => title),
        ["Movie 5"]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("An item whose files are deleted", () => {
  it.effect("is gone with its bytes, as they were before the deletion; its entry stays", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "delete-files" })
      yield* request("Movie 6", { action: "unmonitor-and-delete-files" })
      const report = yield* dueNow
      assert.deepStrictEqual([report.removed, report.freedBytes], [2, 20 * gib])
      for (const [title, monitored] of [["Movie 5", true] as const, ["Movie 6", false] as const]) {
        const item = library.byTitle(title)
        assert.deepStrictEqual([item?.stripped, item?.facts.monitored], [true, monitored])
        assert.strictEqual((yield* removalOf(title)).freedBytes, 10 * gib)
        assert.isNull(yield* listed(title))
      }
      yield* sync
      assert.isNull(yield* listed("Movie 5"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is a show that stays without seasons", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Worst", { action: "delete-files" })
      yield* dueNow
      assert.strictEqual((yield* removalOf("Worst")).freedBytes, 40 * gib)
      for (const round of ["at once", "after a sync"]) {
        assert.strictEqual((yield* listed("Worst"))?.sizeBytes, 0, round)
        assert.isNull(yield* listed("Worst, season 1"), round)
        yield* sync
      }
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("has its files searched for when that is undone", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor-and-delete-files" })
      yield* dueNow
      const { id } = yield* removalOf("Movie 5")
      library.next("restore", "timeout-done")
      assert.strictEqual((yield* (yield* Removals).restore(id)).state, "restored")
      assert.deepStrictEqual(
        [library.byTitle("Movie 5")?.stripped, library.byTitle("Movie 5")?.facts.monitored],
        [false, true]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not the empty entry of a show whose seasons are expected back", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("approval", { options: { emptyEntries: "remove" } })
      yield* request("Best, season 1", { action: "delete-files" })
      yield* request("Best, season 2", { action: "delete-files" })
      yield* dueNow
      assert.deepStrictEqual(library.settled, [])
      assert.isDefined(library.byTitle("Best"))
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("Whatever the action", () => {
  each("nothing is sent for a member of a protected collection (D2)", (action) => {
    const library = fullDiskWithSaga()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval", {}, sagaLimits)
        yield* request("Movie 3", { action })
        yield* (yield* Protections).add({ collection: "Saga" })
        yield* dueNow
        assert.deepStrictEqual([library.sent, (yield* removalOf("Movie 3")).state], [[], "spared"])
        assert.strictEqual((yield* Effect.flip(request("Movie 3", { action }))).code, "removal-forbidden")
      })
    )
  })

  each("protections, the mode and the brake are checked again when it is due (D3)", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        yield* request("Movie 3", { action })
        yield* request("Movie 4", { action })
        yield* (yield* Protections).add({ itemId: yield* itemIdOf("Movie 3") })
        yield* (yield* Settings).patch(RemovalsSettings, { deletionsEnabled: false })
        yield* dueNow
        assert.deepStrictEqual(library.sent, [])
        yield* (yield* Settings).patch(RemovalsSettings, { deletionsEnabled: true })
        yield* setDisk({ mode: "dry-run" })
        yield* passTime("2 minutes")
        yield* runDue
        assert.deepStrictEqual(library.sent, [])
        assert.deepStrictEqual(
          [(yield* removalOf("Movie 3")).state, (yield* removalOf("Movie 4")).state],
          ["spared", "spared"]
        )
      })
    )
  })

  each("a false success is a failure: nothing is said to be freed (D7)", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        yield* request("Movie 5", { action })
        library.next("remove", "lie")
        const report = yield* dueNow
        assert.deepStrictEqual([report.failed, report.removed, report.freedBytes], [1, 0, 0])
        const { freedBytes, reason, state } = yield* removalOf("Movie 5")
        assert.deepStrictEqual([state, freedBytes], ["failed", null])
        assert.match(reason ?? "", /^the application said .* still (has|monitors)/)
        assert.isNotNull(yield* listed("Movie 5"))
      })
    )
  })

  each("without an integration that can be asked, nothing is done and nothing is said to be done", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        yield* request("Movie 5", { action })
        const integrations = yield* Integrations
        const shelf = (yield* integrations.list).find(({ name }) => name === "Shelf")!
        yield* integrations.update(shelf.id, { enabled: false })
        const report = yield* dueNow
        assert.deepStrictEqual([report.removed, report.unmonitored, report.freedBytes, report.waiting], [0, 0, 0, 1])
      })
    )
  })

  each("a cancelled request leaves nothing behind, and the next one has its own terms (D14)", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        const { id } = yield* request("Movie 5", { action, graceDays: 14 })
        yield* (yield* Removals).cancel(id)
        const next = yield* request("Movie 5")
        assert.deepStrictEqual(
          [next.action, next.graceDays, next.state, next.reason],
          ["remove-entry", null, "scheduled", null]
        )
        yield* passTime("15 days")
        yield* sync
        yield* runDue
        assert.deepStrictEqual(library.sent, ["5"])
        assert.isUndefined(library.byTitle("Movie 5"))
      })
    )
  })

  each("an application that does not answer keeps the item; it is asked again later", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        yield* request("Movie 5", { action })
        library.next("presence", "refuse")
        const report = yield* dueNow
        assert.deepStrictEqual([report.waiting, library.sent], [1, []])
        yield* passTime("2 minutes")
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 5")).state, "removed")
        assert.deepStrictEqual(library.sent, ["5"])
      })
    )
  })

  each("nothing is touched if the id belongs to another title now", (action) => {
    const library = fullDisk()
    return overStack(
      library,
      Effect.gen(function* () {
        yield* planned("approval")
        yield* request("Movie 5", { action })
        library.next("presence", "other-title")
        yield* dueNow
        assert.deepStrictEqual([library.sent, (yield* removalOf("Movie 5")).state], [[], "spared"])
      })
    )
  })

  for (const at of ["hang", "hang-done"] as const) {
    each(`it is sent at most once if the process ends during it (${at})`, (action) =>
      Effect.gen(function* () {
        const library = fullDisk()
        library.prepares = true
        const { restart, use } = yield* makeStackInMemory(library)
        yield* use(planned("approval"))
        yield* use(request("Movie 5", { action }))
        yield* passTime("31 seconds")
        library.next("remove", at)
        const fiber = yield* use(driveUntilHanging(library, execution))
        if (fiber === null) return assert.fail("it has to hang")
        yield* Fiber.interrupt(fiber)
        yield* restart
        yield* use(runDue)
        yield* passTime("3 minutes")
        yield* use(runDue)
        const { freedBytes, state } = yield* use(removalOf("Movie 5"))
        assert.deepStrictEqual([state, freedBytes], ["removed", action === "unmonitor" ? 0 : 10 * gib])
        assert.strictEqual(library.removed.length, 1, "it took effect once")
        assert.strictEqual(library.sent.length, at === "hang" ? 2 : 1)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("what was unmonitored first is monitored again if nothing was deleted", () => {
    const library = fullDisk()
    library.prepares = true
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* request("Movie 5", { action: "unmonitor-and-delete-files" })
      const protections = yield* Protections
      const itemId = yield* itemIdOf("Movie 5")
      library.onPrepared = () => Effect.orDie(Effect.asVoid(protections.add({ itemId })))
      yield* dueNow
      assert.deepStrictEqual([library.sent, library.putBack, library.prepared.size], [[], ["5"], 0])
      assert.strictEqual((yield* removalOf("Movie 5")).state, "spared")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a part has no entry to remove: that is refused when it is requested", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const refused = yield* Effect.flip(request("Best, season 1", { action: "remove-entry" }))
      assert.strictEqual(refused.code, "removal-forbidden")
      assert.strictEqual(
        "detail" in refused ? refused.detail : "",
        "Shelf cannot carry out `remove-entry` for this season"
      )
    }).pipe(Effect.provide(stackTest(shows())))
  )
})
