/** The modes of a disk that is too full, from the plan to the removals. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import {
  as,
  connectFakes,
  diskOf,
  itemIdOf,
  passTime,
  plan,
  removalOf,
  removals,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const fresh = Effect.andThen(sync, plan())

describe("A disk in dry-run", () => {
  it.effect("proposes what would be removed, and never goes beyond proposals", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const report = yield* planned("dry-run")
      assert.strictEqual(report.groups[0]?.plannedItems, 2)
      const proposed = yield* removals
      assert.deepStrictEqual(
        proposed.map(({ mode, state, title }) => [title, state, mode]),
        [
          ["Movie 1", "proposed", "dry-run"],
          ["Movie 2", "proposed", "dry-run"]
        ]
      )
      const service = yield* Removals
      const refused = yield* Effect.flip(service.approve(proposed[0]!.id))
      assert.strictEqual(refused.code, "removal-state-conflict")
      yield* passTime("40 days")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps the removal that a person requests as a proposal, which nobody can approve there", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("dry-run")
      const service = yield* Removals
      const { because, id, state } = yield* service.request(yield* itemIdOf("Movie 5"), { graceDays: 0 })
      assert.strictEqual(state, "proposed")
      assert.match(because, /requested by .*; \/media is in dry-run, so that this remains a proposal/)
      assert.strictEqual((yield* Effect.flip(service.approve(id))).code, "removal-state-conflict")
      yield* passTime("40 days")
      yield* sync
      yield* plan()
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* removalOf("Movie 5")).state, "proposed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("holds removals that were approved before the mode was set", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      yield* service.approve((yield* removalOf("Movie 1")).id)
      yield* setDisk({ mode: "dry-run" })
      yield* passTime("1 minute")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      const removal = yield* removalOf("Movie 1")
      assert.strictEqual(removal.state, "spared")
      assert.strictEqual(removal.reason, "the disk /media is in dry-run")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "does not allow a proposal of another mode to be approved, but allows its own once the mode has changed",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("approval")
        yield* setDisk({ mode: "dry-run" })
        const service = yield* Removals
        const refused = yield* Effect.flip(service.approve((yield* removalOf("Movie 1")).id))
        assert.strictEqual(refused.code, "removal-state-conflict")
        yield* plan()
        yield* setDisk({ mode: "approval" })
        const approved = yield* service.approve((yield* removalOf("Movie 1")).id)
        assert.strictEqual(approved.state, "scheduled")
      }).pipe(Effect.provide(stackTest(library)))
    }
  )
})

describe("A disk that no application reports any longer", () => {
  it.effect("lets its planned removals wait until it is reported again", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      const disk = library.disks.get("/media")!
      library.disks.delete("/media")
      yield* passTime("1 hour")
      yield* runDue
      assert.isNotNull((yield* diskOf("/media")).staleSince)
      assert.deepStrictEqual(yield* states, { "Movie 1": "scheduled", "Movie 2": "scheduled" })
      assert.deepStrictEqual(library.sent, [])
      library.disks.set("/media", disk)
      yield* passTime("1 hour")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A disk in approval", () => {
  it.effect("removes only what a person approved, after the grace delay", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      yield* passTime("2 hours")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      const service = yield* Removals
      const approved = yield* service.approve((yield* removalOf("Movie 2")).id).pipe(as("ann"))
      assert.strictEqual(approved.approvedBy, "account:ann")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      yield* passTime("31 seconds")
      const report = yield* runDue
      assert.strictEqual(report.removed, 1)
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "removed" })
      assert.isUndefined(library.byTitle("Movie 2"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not propose a rejected item until the snooze has ended", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      const { id } = yield* removalOf("Movie 1")
      yield* service.approve(id)
      for (const moment of ["tomorrow", "2026-01-17T12:00:00", "2026-01-01"])
        assert.include((yield* Effect.flip(service.reject(id, moment))).message, "payload.until")
      const snoozed = yield* service.reject(id).pipe(as("ann"))
      assert.strictEqual(snoozed.state, "snoozed")
      assert.strictEqual(snoozed.snoozedUntil, "2026-01-16T12:00:00.000Z")
      yield* passTime("23 hours")
      yield* runDue
      yield* fresh
      assert.strictEqual((yield* removalOf("Movie 1")).state, "snoozed")
      // Another item is proposed in its place in the meantime.
      assert.strictEqual((yield* removalOf("Movie 3")).state, "proposed")
      yield* passTime("61 minutes")
      yield* fresh
      const again = yield* removalOf("Movie 1")
      assert.strictEqual(again.id, id)
      assert.strictEqual(again.state, "proposed")
      assert.isNull(again.approvedBy, "a rejection ends an approval")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("never acts on an approval from before a snooze, whatever modes were set between", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      const { id } = yield* removalOf("Movie 1")
      yield* service.approve(id)
      yield* service.reject(id)
      yield* setDisk({ mode: "auto" })
      yield* passTime("25 hours")
      yield* fresh
      assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
      yield* setDisk({ mode: "approval" })
      yield* passTime("1 minute")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A disk in auto", () => {
  it.effect("is freed to its target, and no further", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      assert.deepStrictEqual(yield* states, { "Movie 1": "scheduled", "Movie 2": "scheduled" })
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
      assert.strictEqual((yield* diskOf("/media")).usedPercent, 70)
      yield* fresh
      yield* passTime("1 day")
      yield* runDue
      assert.strictEqual(library.sent.length, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("removes nothing more after a person has freed space", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      library.destroy(library.byTitle("Movie 9")!.externalId)
      library.destroy(library.byTitle("Movie 8")!.externalId)
      yield* passTime("31 seconds")
      const report = yield* runDue
      assert.strictEqual(report.spared, 2)
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* removalOf("Movie 1")).reason, "the disk /media has reached its target")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("stops acting on its own plans when it is switched to approval", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* setDisk({ mode: "approval" })
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      yield* fresh
      assert.strictEqual((yield* removalOf("Movie 1")).state, "proposed")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A disk in sunset", () => {
  it.effect("removes items after the days of notice", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { sunsetDays: 3 })
      yield* sync
      yield* setDisk({ mode: "sunset" })
      yield* plan()
      assert.strictEqual((yield* removalOf("Movie 1")).scheduledAt, "2026-01-18T12:00:00.000Z")
      yield* passTime("2 days")
      yield* fresh
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      yield* passTime("25 hours")
      yield* fresh
      yield* runDue
      assert.strictEqual(library.removed.length, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("spares an item that is watched during the notice", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("sunset")
      yield* passTime("2 days")
      library.byTitle("Movie 1")!.plays = [{ name: "bob", plays: 1, lastPlayedAt: "2026-01-17T10:00:00.000Z" }]
      yield* fresh
      const saved = yield* removalOf("Movie 1")
      assert.strictEqual(saved.state, "spared")
      assert.strictEqual(saved.reason, "it was watched at 2026-01-17T10:00:00.000Z, after it was announced")
      assert.strictEqual((yield* removalOf("Movie 2")).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
