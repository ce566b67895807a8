/** Rules that change entries in the applications, and what becomes of their acts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acts } from "../../src/acts/Acts.ts"
import { CapacitySettings } from "../../src/capacity/CapacitySettings.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RulesSettings } from "../../src/rules/RulesSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { leaf } from "../rules/Samples.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { as, itemIdOf, passTime, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"
import { acting, halfEmpty, ready, runRule } from "./ActingRun.ts"

const action = {
  type: "change",
  addTags: ["Old"],
  removeTags: ["new"],
  qualityProfile: "SD",
  search: true,
  unmonitor: true
} as const

const badOnes = { name: "Bad ones", condition: leaf("rating", "<", 3), action }

const newestAct = Effect.flatMap(Acts, (acts) =>
  Effect.map(Effect.orDie(acts.page({ kind: "change-item" })), ({ items }) => items[0]!)
)

describe("A rule that changes entries", () => {
  it.effect("changes what differs, leaves what is as wanted alone, and does so once", () => {
    const library = halfEmpty()
    const second = library.byTitle("Movie 2")!
    second.facts = { ...second.facts, tags: ["old"], qualityProfile: "sd", monitored: false }
    const first = library.byTitle("Movie 1")!
    first.facts = { ...first.facts, tags: ["new", "kids"], qualityProfile: "HD" }
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual(
        [report.planned.items, report.asWanted.items, report.changes.changed, report.changes.failed],
        [1, 1, 1, 0]
      )
      assert.deepStrictEqual(library.changed, [
        {
          externalId: first.externalId,
          addTags: ["old"],
          removeTags: ["new"],
          qualityProfile: "SD",
          search: true,
          monitored: false
        }
      ])
      // The library was not read since, and after it was, there is nothing left to change either.
      assert.deepStrictEqual((yield* runRule(rule.id)).planned.items, 0)
      yield* sync
      assert.deepStrictEqual((yield* runRule(rule.id)).planned.items, 0)
      assert.strictEqual(library.changed.length, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("can be undone, and does not do again what a person has undone", () => {
    const library = halfEmpty()
    const first = library.byTitle("Movie 1")!
    first.facts = { ...first.facts, tags: ["kids", "new"], qualityProfile: "HD" }
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
      yield* runRule(rule.id)
      const act = yield* newestAct
      assert.strictEqual(act.state, "done")
      const acts = yield* Acts
      yield* acts.undo(act.id).pipe(as("ann"))
      assert.deepInclude(first.facts, { tags: ["kids", "new"], qualityProfile: "HD", monitored: true })
      yield* sync
      const report = yield* runRule(rule.id)
      assert.match(report.keptBecause[0]?.because ?? "", /undone by a person/)
      assert.strictEqual((yield* newestAct).id, act.id)
      // Another action is another decision.
      yield* Effect.flatMap(Rules, (rules) => rules.update(rule.id, { action: { type: "change", unmonitor: true } }))
      assert.strictEqual((yield* runRule(rule.id)).changes.changed, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("changes nothing that is protected, kept, or on a disk in dry-run, nor while the brake is on", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const protections = yield* Protections
      yield* protections.add({ itemId: yield* itemIdOf("Movie 1") })
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({ name: "Keep", enabled: true, effect: "always-keep", condition: leaf("title", "is", "Movie 2") })
      )
      const rule = yield* acting({ ...badOnes, condition: leaf("rating", "<", 4) })
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      assert.match((yield* runRule(rule.id)).held?.detail ?? "", /switched off/)
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      yield* setDisk({ mode: "dry-run" })
      assert.strictEqual((yield* runRule(rule.id)).kept.items, 3)
      yield* setDisk({ mode: "auto" })
      yield* runRule(rule.id)
      assert.deepStrictEqual(
        library.changed.map(({ externalId }) => externalId),
        ["3"]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "looks again before it sends: what no longer matches, or a rule that is switched off, changes nothing",
    () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting(badOnes)
        library.down.add("manager")
        const report = yield* runRule(rule.id)
        assert.deepStrictEqual([report.planned.items, report.changes.waiting], [2, 2])
        library.down.delete("manager")
        const first = library.byTitle("Movie 1")!
        first.facts = { ...first.facts, rating: 9 }
        yield* passTime("2 hours")
        yield* sync
        const again = yield* runRule(rule.id)
        assert.deepStrictEqual([again.changes.changed, again.changes.spared], [1, 1])
        assert.deepStrictEqual(
          library.changed.map(({ externalId }) => externalId),
          ["2"]
        )
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("reads the facts again before it sends: what has changed since the last sync is not changed", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      const first = library.byTitle("Movie 1")!
      first.facts = { ...first.facts, rating: 9 }
      assert.deepInclude((yield* runRule(rule.id)).changes, { changed: 1, spared: 1 })
      assert.match(
        (yield* Effect.flatMap(Acts, (acts) => Effect.orDie(acts.page({ state: "spared" })))).items[0]?.reason ?? "",
        /no longer matches/
      )
      assert.deepStrictEqual(
        library.changed.map(({ externalId }) => externalId),
        ["2"]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "waits while facts that it depends on cannot be read again, and is made by the next run of removals",
    () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
        library.down.add("server")
        assert.strictEqual((yield* runRule(rule.id)).changes.waiting, 1)
        assert.match((yield* newestAct).reason ?? "", /could not be read again/)
        assert.deepStrictEqual(library.changed, [])
        library.behave()
        const dueRemovals = yield* DueRemovals
        assert.isNotNull(yield* dueRemovals.nextDue)
        yield* passTime("2 hours")
        yield* sync
        yield* runDue
        assert.strictEqual((yield* newestAct).state, "done")
        assert.strictEqual(library.changed.length, 1)
        assert.isNull(yield* dueRemovals.nextDue)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  for (const how of ["deleted", "switched off", "another action"] as const) {
    it.effect(`is withdrawn at once when its rule has: ${how}`, () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
        library.down.add("manager")
        yield* runRule(rule.id)
        library.behave()
        const rules = yield* Rules
        if (how === "deleted") yield* rules.remove(rule.id)
        else if (how === "switched off") yield* rules.update(rule.id, { enabled: false })
        else yield* rules.update(rule.id, { action: { type: "change", unmonitor: true } })
        const act = yield* newestAct
        assert.strictEqual(act.state, "spared")
        assert.match(act.reason ?? "", how === "another action" ? /another action/ : new RegExp(how))
        yield* passTime("2 hours")
        yield* runDue
        assert.deepStrictEqual(library.changed, [])
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is held if it would change too much of the library", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Settings, (settings) => settings.patch(RulesSettings, { minActingItems: 1 }))
      const rule = yield* acting({ ...badOnes, condition: leaf("rating", ">", 0) })
      const report = yield* runRule(rule.id)
      assert.strictEqual(report.held?.items, 9)
      assert.deepStrictEqual(library.changed, [])
      assert.strictEqual((yield* runRule(rule.id, { force: true })).changes.changed, 9)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("What a person has undone", () => {
  for (const decision of ["undo", "cancel"] as const) {
    it.effect(`is not done again after the retention of acts: ${decision}`, () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
        if (decision === "cancel") library.down.add("manager")
        yield* runRule(rule.id)
        const acts = yield* Acts
        const { id } = yield* newestAct
        if (decision === "undo") yield* acts.undo(id).pipe(as("ann"))
        else yield* acts.cancel(id).pipe(as("ann"))
        library.behave()
        const before = library.changed.length
        yield* passTime("4000 days")
        yield* acts.prune
        yield* sync
        assert.match((yield* runRule(rule.id)).keptBecause[0]?.because ?? "", /by a person/)
        assert.strictEqual(library.changed.length, before)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  for (const how of ["added again", "in an integration that is connected again"] as const) {
    it.effect(`is not done again to a title that is ${how}`, () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
        yield* runRule(rule.id)
        yield* (yield* Acts).undo((yield* newestAct).id).pipe(as("ann"))
        const { externalId, ids } = library.byTitle("Movie 1")!
        if (how === "added again") {
          library.destroy(externalId)
          library.add({ title: "Movie 1", ids })
        } else {
          const integrations = yield* Integrations
          const shelf = (yield* integrations.list).find(({ name }) => name === "Shelf")!
          yield* integrations.remove(shelf.id)
          yield* integrations.create({ kind: "shelf", name: "Shelf", url: "http://shelf.test", config: {} })
        }
        yield* sync
        yield* setDisk({ mode: "auto" })
        assert.match((yield* runRule(rule.id)).keptBecause[0]?.because ?? "", /undone by a person/)
        assert.strictEqual(library.changed.length, 2)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is as it was before the attempt that succeeded, not before an earlier one that was refused", () => {
    const library = halfEmpty()
    const first = library.byTitle("Movie 1")!
    first.facts = { ...first.facts, tags: [], qualityProfile: "HD" }
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Movie 1") })
      library.refusesChanges = true
      assert.strictEqual((yield* runRule(rule.id)).changes.failed, 1)
      library.refusesChanges = false
      first.facts = { ...first.facts, tags: ["new", "kids"], qualityProfile: "4K" }
      yield* passTime("2 days")
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).changes.changed, 1)
      assert.deepInclude(first.facts, { tags: ["kids", "old"], qualityProfile: "SD" })
      const acts = yield* Acts
      yield* acts.undo((yield* newestAct).id).pipe(as("ann"))
      assert.sameMembers([...(first.facts.tags ?? [])], ["new", "kids"])
      assert.deepInclude(first.facts, { qualityProfile: "4K", monitored: true })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A change of an item that is on no known disk", () => {
  it.effect("is not made while new disks are in dry-run, nor if that is set before it is sent", () => {
    const library = halfEmpty()
    library.add({ title: "Elsewhere", disk: "/elsewhere", facts: { rating: 1 } })
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, condition: leaf("title", "is", "Elsewhere") })
      assert.strictEqual((yield* runRule(rule.id)).keptBecause[0]?.because, "it is on no known disk")
      const settings = yield* Settings
      yield* settings.patch(CapacitySettings, { defaultMode: "auto" })
      library.down.add("manager")
      assert.strictEqual((yield* runRule(rule.id)).changes.waiting, 1)
      library.behave()
      yield* settings.patch(CapacitySettings, { defaultMode: "dry-run" })
      yield* passTime("2 hours")
      yield* runRule(rule.id)
      assert.deepStrictEqual(library.changed, [])
      assert.strictEqual((yield* newestAct).state, "spared")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
