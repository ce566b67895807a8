/** One example for each promise in ARCHITECTURE.md. Histories.test.ts checks the same promises in random histories. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Protections } from "../../src/library/Protections.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { sqlFile, temporaryDatabase } from "../support/Sql.ts"
import {
  as,
  audit,
  explanationOf,
  itemIdOf,
  makeStack,
  makeStackInMemory,
  passTime,
  plan,
  reconcile,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { fullDisk, planned, shows } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const dueNow = Effect.andThen(passTime("31 seconds"), runDue)
const fresh = Effect.andThen(sync, plan())

describe("1. Nothing protected is removed", () => {
  it.effect("even if it was protected after the approval", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removal = yield* removalOf("Movie 1")
      const service = yield* Removals
      yield* service.approve(removal.id)
      const protections = yield* Protections
      yield* protections.add({ itemId: removal.itemId, reason: "dad's favourite" }).pipe(as("ann"))
      const report = yield* dueNow
      assert.strictEqual(report.spared, 1)
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* removalOf("Movie 1")).reason, "Protected by account:ann: dad's favourite")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("even if it was protected while the item before it is being removed", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const protections = yield* Protections
      const itemId = yield* itemIdOf("Movie 2")
      library.onRemove = ({ title }) =>
        title === "Movie 1" ? Effect.orDie(Effect.asVoid(protections.add({ itemId }))) : Effect.void
      yield* dueNow
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "spared" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("even if a person requests it", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const itemId = yield* itemIdOf("Movie 5")
      const service = yield* Removals
      const protections = yield* Protections
      yield* service.request(itemId)
      yield* protections.add({ itemId })
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* Effect.flip(service.request(itemId))).code, "removal-forbidden")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a protected show keeps its seasons, and a protected season its show", () => {
    const library = shows()
    return Effect.gen(function* () {
      yield* planned("auto")
      const protections = yield* Protections
      yield* protections.add({ itemId: yield* itemIdOf("Worst") })
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      yield* protections.add({ itemId: yield* itemIdOf("Best, season 2") })
      const service = yield* Removals
      assert.strictEqual((yield* Effect.flip(service.request(yield* itemIdOf("Best")))).code, "removal-forbidden")
      assert.strictEqual((yield* service.request(yield* itemIdOf("Best, season 1"))).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("what a rule always keeps stays, even while it is unknown whether the rule applies", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const rules = yield* Rules
      yield* rules.create({
        name: "What was watched stays",
        enabled: true,
        effect: "always-keep",
        condition: { kind: "condition", field: "playCount", operator: "greaterThan", value: 0 }
      })
      const service = yield* Removals
      yield* service.request(yield* itemIdOf("Movie 5"))
      library.down.add("server")
      yield* sync
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* removalOf("Movie 5")).reason, "a rule may keep it: playCount unknown")
      library.behave()
      yield* sync
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 5")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("2. Cancel and snooze are final", () => {
  it.effect("both survive a restart", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { restart, use } = yield* makeStackInMemory(library)
      yield* use(planned("auto"))
      const service = yield* use(Removals)
      yield* service.cancel((yield* use(removalOf("Movie 1"))).id)
      yield* service.reject((yield* use(removalOf("Movie 2"))).id, "2026-02-15T12:00:00.000Z")
      for (let day = 0; day < 5; day++) {
        yield* restart
        yield* use(fresh)
        yield* passTime("1 day")
        yield* use(runDue)
      }
      assert.isDefined(library.byTitle("Movie 1"))
      assert.isDefined(library.byTitle("Movie 2"))
      assert.strictEqual((yield* use(removalOf("Movie 1"))).state, "cancelled")
      assert.strictEqual((yield* use(removalOf("Movie 2"))).state, "snoozed")
      assert.deepStrictEqual(library.removed.length, 2, "others went in their place")
    }).pipe(Effect.scoped)
  })

  it.effect("a cancelled item is planned again only after a person released it", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      const { id } = yield* removalOf("Movie 1")
      yield* service.cancel(id).pipe(as("ann"))
      yield* fresh
      assert.strictEqual((yield* removalOf("Movie 1")).state, "cancelled")
      yield* service.release(id).pipe(as("ann"))
      yield* fresh
      const again = yield* removalOf("Movie 1")
      assert.notStrictEqual(again.id, id)
      assert.strictEqual(again.state, "proposed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a removal that the engine withdrew may be planned again", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* setDisk({ limits: { type: "percent", threshold: 95, target: 90 } })
      yield* plan()
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "cancelled" })
      yield* setDisk({ limits: { type: "percent", threshold: 85, target: 75 } })
      yield* plan()
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "proposed" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("4. No more than needed is removed", () => {
  it.effect("plans are limited by items, bytes and share of the library", () =>
    Effect.gen(function* () {
      for (const caps of [{ maxItems: 1 }, { maxBytes: 15 * 2 ** 30 }, { maxLibraryShare: 0.12 }]) {
        const library = fullDisk()
        yield* Effect.gen(function* () {
          const settings = yield* Settings
          yield* settings.patch(RemovalsSettings, { caps })
          const report = yield* planned("auto")
          assert.strictEqual(report.groups[0]?.plannedItems, 1, JSON.stringify(caps))
          assert.strictEqual(report.groups[0]?.limitedBy, "caps")
        }).pipe(Effect.provide(stackTest(library), { local: true }))
      }
    })
  )

  it.effect(
    "hardlinks stop the run after one batch with that reason, and the disk stays stopped until it is resumed",
    () => {
      const library = fullDisk()
      for (const item of library.items.values()) item.hardlinked = true
      return Effect.gen(function* () {
        const settings = yield* Settings
        yield* settings.patch(RemovalsSettings, { batchSize: 1 })
        yield* planned("auto")
        const report = yield* dueNow
        assert.deepStrictEqual([report.removed, report.spared, report.stopped], [1, 1, ["/media"]])
        // Some space is freed by other means; the disk has not been read since.
        library.destroy(library.byTitle("Movie 9")!.externalId)
        yield* fresh
        yield* passTime("1 day")
        yield* runDue
        assert.strictEqual(library.sent.length, 1)
        const groups = yield* DiskGroups
        const [disk] = yield* groups.list
        assert.match(disk?.stoppedBecause ?? "", /freed nothing/)
        yield* groups.resume(disk!.id)
        yield* fresh
        yield* passTime("1 minute")
        yield* runDue
        assert.strictEqual(library.sent.length, 2)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect(
    "nothing is removed from a disk that cannot be read, and it does not count as one on which nothing was freed",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        const settings = yield* Settings
        yield* settings.patch(RemovalsSettings, { batchSize: 1 })
        yield* planned("auto")
        library.onRemove = () => Effect.sync(() => void library.down.add("disks"))
        const report = yield* dueNow
        assert.deepStrictEqual([report.removed, report.waiting, report.stopped], [1, 1, []])
        assert.strictEqual((yield* removalOf("Movie 2")).reason, "the disk /media could not be read")
        library.behave()
        yield* passTime("2 minutes")
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 2")).state, "removed")
      }).pipe(Effect.provide(stackTest(library)))
    }
  )
})

describe("5. The brake holds", () => {
  it.effect("for due and requested removals, and no run is started", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const service = yield* Removals
      const settings = yield* Settings
      const dueRemovals = yield* DueRemovals
      yield* service.request(yield* itemIdOf("Movie 9"))
      assert.isNotNull(yield* dueRemovals.nextDue)
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      yield* dueNow
      assert.deepStrictEqual(library.sent, [])
      assert.isNull(yield* dueRemovals.nextDue)
      assert.strictEqual((yield* Effect.flip(service.request(yield* itemIdOf("Movie 8")))).code, "deletions-disabled")
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 9")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("if it is pulled during a run, for planned and requested removals", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const service = yield* Removals
      const settings = yield* Settings
      yield* service.request(yield* itemIdOf("Movie 9"))
      library.onRemove = () =>
        Effect.orDie(Effect.asVoid(settings.patch(RemovalsSettings, { deletionsEnabled: false })))
      const report = yield* dueNow
      assert.deepStrictEqual([report.removed, report.waiting], [1, 2])
      assert.strictEqual(library.sent.length, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("7. Every decision explains itself", () => {
  it.effect(
    "while the source of plays is down, nothing that depends on it is removed, and the explanation says so",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("auto")
        library.down.add("server")
        yield* sync
        yield* dueNow
        assert.deepStrictEqual(library.sent, [])
        assert.match((yield* removalOf("Movie 1")).reason ?? "", /playCount, lastPlayedAt are unknown \(Screen/)
        const report = yield* plan()
        assert.deepStrictEqual([report.candidates, report.undecided], [0, 9])
        const explanation = yield* explanationOf("Movie 1")
        assert.strictEqual(explanation.decision?.status, "undecided")
        assert.match(explanation.summary, /could not be reached/)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("unknown facts can be allowed on one disk", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      library.down.add("server")
      yield* sync
      yield* setDisk({ allowedUnknown: ["playCount", "lastPlayedAt"] })
      const report = yield* plan()
      assert.strictEqual(report.undecided, 0)
      yield* dueNow
      assert.strictEqual(library.removed.length, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("facts that have grown too old count as unknown", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("73 hours")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      assert.match((yield* removalOf("Movie 1")).reason ?? "", /was last read at 2026-01-15T12:00:00.000Z/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a removed item is explained as of its removal, and the audit log has every step", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* dueNow
      yield* sync
      const explanation = yield* explanationOf("Movie 1")
      assert.strictEqual(explanation.basis, "removal")
      assert.strictEqual(explanation.decision?.status, "candidate")
      assert.strictEqual(explanation.removals[0]?.state, "removed")
      const { because, id } = explanation.removals[0]!
      const history = (yield* audit).filter((event) => event.subject?.id === id)
      assert.deepStrictEqual(
        history.map(({ type }) => type),
        ["removal.scheduled", "removal.executing", "removal.removed"]
      )
      for (const { payload } of history) assert.strictEqual(payload["because"], because)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("8. A removal can be undone", () => {
  it.effect("from the stored restore data, and the restored item is protected", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* dueNow
      const service = yield* Removals
      const removal = yield* removalOf("Movie 1")
      assert.isTrue(removal.restorable)
      const restored = yield* service.restore(removal.id).pipe(as("ann"))
      assert.strictEqual(restored.state, "restored")
      assert.strictEqual(library.byTitle("Movie 1")?.facts.rating, 1)
      library.add({ title: "Large", sizeBytes: 18 * 2 ** 30, facts: { rating: 9 } })
      yield* fresh
      assert.strictEqual((yield* explanationOf("Movie 1")).decision?.status, "protected")
      yield* dueNow
      assert.isDefined(library.byTitle("Movie 1"))
      const refused = yield* Effect.flip(service.restore(removal.id))
      assert.strictEqual(refused.code, "removal-state-conflict")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A restart", () => {
  it.effect("carries out the removals that were planned before it, from the database file", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { restart, use } = yield* makeStack(library, sqlFile(yield* temporaryDatabase))
      yield* use(planned("auto"))
      yield* restart
      yield* use(reconcile)
      yield* use(dueNow)
      assert.deepStrictEqual(yield* use(states), { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.scoped)
  })
})
