/** Runs of acting rules: held, by priority, as jobs, and previewed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { ruleJob } from "../../src/jobs/JobNames.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { Protections } from "../../src/library/Protections.ts"
import { ActingRules } from "../../src/removals/ActingRules.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RulesSettings } from "../../src/rules/RulesSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { group, leaf } from "../rules/Samples.ts"
import { as, itemIdOf, passTime, removalOf, removals, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { acting, badOnes, halfEmpty, ready, runRule } from "./ActingRun.ts"

const manyMovies = (count: number): FakeLibrary => {
  const library = new FakeLibrary({ "/media": count * 20 * gib })
  for (let n = 1; n <= count; n++) library.add({ title: `Movie ${n}`, facts: { rating: (n % 10) + 0.5 } })
  return library
}

const cautious = Effect.flatMap(Settings, (settings) => settings.patch(RulesSettings, { minActingItems: 1 }))

describe("A run that would act on too much of the library", () => {
  it.effect("is held with an event, queues nothing new, still withdraws, and can be forced", () => {
    const library = manyMovies(50)
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, condition: leaf("rating", "<", 1) })
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 5)
      const rules = yield* Rules
      yield* rules.update(rule.id, { condition: leaf("rating", ">", 5) })
      const report = yield* runRule(rule.id)
      assert.deepInclude(report.held, { items: 25, share: 0.5, accepted: 0.2 })
      assert.deepStrictEqual([report.queued.items, report.left.items], [0, 5])
      const events = yield* Effect.flatMap(EventLog, (log) => Effect.orDie(log.page({ type: "rule.held" })))
      assert.match(events.items[0]?.message ?? "", /50 % of the library/)
      assert.strictEqual((yield* removals).filter(({ state }) => state === "scheduled").length, 0)
      const forced = yield* runRule(rule.id, { force: true })
      assert.deepStrictEqual([forced.held, forced.queued.items], [null, 25])
      // What is queued is not new.
      const again = yield* runRule(rule.id)
      assert.deepStrictEqual([again.held, again.alreadyQueued.items], [null, 25])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is accepted up to the share, and below the number of items of the settings", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      assert.isNull((yield* runRule(rule.id, { dryRun: true })).held)
      yield* cautious
      assert.isNotNull((yield* runRule(rule.id, { dryRun: true })).held)
      yield* Effect.flatMap(Settings, (settings) => settings.patch(RulesSettings, { maxActingShare: 0.23 }))
      assert.isNull((yield* runRule(rule.id, { dryRun: true })).held)
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("makes its job end with errors", () =>
    Effect.gen(function* () {
      yield* ready
      yield* cautious
      const rule = yield* acting(badOnes)
      const jobs = yield* Jobs
      const rules = yield* ActingRules
      const run = yield* jobs.await((yield* rules.start(rule.id, {})).id)
      assert.strictEqual(run.status, "completed-with-errors")
      assert.deepStrictEqual(yield* removals, [])
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )
})

describe("Two acting rules", () => {
  it.effect("act once on an item: the one of the higher priority, and the other one when it stops matching", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const low = yield* acting(badOnes)
      const high = yield* acting({ ...badOnes, name: "Worst", condition: leaf("rating", "<", 2) })
      const rules = yield* Rules
      yield* rules.update(high.id, { priority: 50 })
      const report = yield* runRule(low.id)
      assert.deepStrictEqual(report.keptBecause, [{ because: 'the rule "Worst" comes first', items: 1 }])
      yield* runRule(high.id)
      const whose = Effect.map(removals, (all) =>
        all.flatMap(({ ruleId, state, title }) => (state === "scheduled" ? [[title, ruleId]] : []))
      )
      assert.deepStrictEqual(yield* whose, [
        ["Movie 2", low.id],
        ["Movie 1", high.id]
      ])
      const ofHigh = yield* Effect.flatMap(Removals, (all) => Effect.orDie(all.page({ ruleId: high.id })))
      assert.deepStrictEqual(
        ofHigh.items.map(({ title }) => title),
        ["Movie 1"]
      )
      yield* rules.update(high.id, { priority: 0 })
      yield* runRule(high.id)
      yield* runRule(low.id)
      assert.deepStrictEqual(yield* whose, [
        ["Movie 2", low.id],
        ["Movie 1", low.id]
      ])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "a rule with a higher priority that only reports keeps items from the others, also when they are due",
    () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 1 } })
        yield* runRule(rule.id)
        const exception = yield* acting({
          name: "Not this one",
          condition: leaf("title", "is", "Movie 1"),
          action: { type: "report" }
        })
        yield* Effect.flatMap(Rules, (rules) => rules.update(exception.id, { priority: 100 }))
        yield* passTime("1 day")
        yield* sync
        yield* runDue
        assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "removed" })
        assert.strictEqual((yield* removalOf("Movie 1")).reason, 'the rule "Not this one" comes first')
      }).pipe(Effect.provide(stackTest(library)))
    }
  )
})

describe("The job of acting rules", () => {
  it.effect("has a schedule and runs for each of them, and none for a rule that is switched off", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      const off = yield* acting({ ...badOnes, name: "Off" })
      yield* Effect.flatMap(Rules, (rules) =>
        Effect.andThen(
          rules.update(off.id, { enabled: false }),
          rules.create({ name: "Weighs", enabled: true, effect: "lean-keep", condition: leaf("year", ">", 1) })
        )
      )
      yield* passTime("16 hours")
      const jobs = yield* Jobs
      yield* jobs.startSchedules
      const info = yield* jobs.get(ruleJob)
      assert.deepStrictEqual(
        info.subjects?.map(({ id, nextRunAt }) => [id, nextRunAt]),
        [
          [rule.id, "2026-01-16T05:00:00.000Z"],
          [off.id, null]
        ]
      )
      yield* passTime("2 hours")
      const runs = yield* Effect.orDie(jobs.runs({ job: ruleJob }))
      assert.deepStrictEqual(
        runs.items.map(({ subject, startedBy }) => [subject?.id, startedBy]),
        [[rule.id, "schedule"]]
      )
      assert.strictEqual((yield* removals).length, 2)
    }).pipe(Effect.scoped, Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("runs many of them at the same time, and every one queues what it matches", () => {
    const library = manyMovies(20)
    return Effect.gen(function* () {
      yield* ready
      const jobs = yield* Jobs
      const service = yield* ActingRules
      for (let n = 1; n <= 20; n++) {
        yield* acting({ ...badOnes, name: `Rule ${n}`, condition: leaf("title", "is", `Movie ${n}`) })
      }
      const rules = yield* (yield* Rules).list
      const started = yield* Effect.forEach(rules, ({ id }) => service.start(id, { sync: false }))
      const runs = yield* Effect.forEach(started, ({ id }) => jobs.await(id))
      assert.deepStrictEqual([...new Set(runs.map(({ error, status }) => `${status} ${error ?? ""}`))], ["completed "])
      assert.strictEqual((yield* removals).length, 20)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("refuses a rule that does not act, and one that does not exist", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const { id } = yield* rules.create({
        name: "Weighs",
        enabled: true,
        effect: "lean-keep",
        condition: leaf("year", ">", 1)
      })
      const service = yield* ActingRules
      assert.strictEqual((yield* Effect.flip(service.start(id, {}))).code, "rule-does-not-act")
      assert.strictEqual((yield* Effect.flip(service.start("99", {}))).code, "rule-not-found")
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )
})

describe("The preview of an acting rule", () => {
  it.effect("says what a run would do, with the same figures, and writes nothing", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Protections, (all) =>
        Effect.flatMap(itemIdOf("Movie 1"), (itemId) => all.add({ itemId, reason: "mine" }))
      )
      const service = yield* ActingRules
      const draft = { effect: "act", condition: leaf("rating", "<", 4), action: badOnes.action }
      const preview = yield* service.preview(draft)
      assert.strictEqual(preview.matched.items, 3)
      assert.deepStrictEqual([preview.acting?.queued, preview.acting?.kept.items], [{ items: 2, bytes: 20 * gib }, 1])
      assert.match(preview.acting?.keptBecause[0]?.because ?? "", /mine/)
      assert.deepStrictEqual(yield* removals, [])
      const rule = yield* acting({ name: "Bad ones", ...draft })
      const { queued, kept } = yield* runRule(rule.id)
      assert.deepStrictEqual({ queued, kept }, { queued: preview.acting?.queued, kept: preview.acting?.kept })
      const after = yield* service.preview({ ...draft, ruleId: rule.id })
      assert.deepStrictEqual([after.acting?.queued.items, after.acting?.alreadyQueued.items], [0, 2])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("Failures around an acting rule", () => {
  it.effect("an application that does not answer leaves the queue as it is", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      library.down.add("manager")
      yield* sync
      yield* passTime("4 days")
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.left.items, report.queued.items], [0, 0])
      assert.deepStrictEqual(yield* states, { "Movie 1": "scheduled", "Movie 2": "scheduled" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("an empty answer instead of the library withdraws nothing, and queues nothing twice", () => {
    const library = manyMovies(20)
    return Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Settings, (settings) => settings.patch(LibrarySettings, { maxDisappearance: 0.2 }))
      const rule = yield* acting({ ...badOnes, condition: leaf("rating", "<", 1) })
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
      const before = yield* removals
      const kept = new Map(library.items)
      library.items.clear()
      yield* sync
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.left.items, report.queued.items], [0, 0])
      for (const [id, item] of kept) library.items.set(id, item)
      yield* sync
      yield* runRule(rule.id)
      assert.deepStrictEqual(yield* removals, before)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("what a run has removed is not queued again", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 0 } })
      yield* runRule(rule.id)
      yield* runDue
      // The library still lists it: nothing has been read since.
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 0)
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 0)
      assert.strictEqual((yield* removals).length, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a person who decides at any moment of a run is respected, or sees that the rule was first", () =>
    Effect.gen(function* () {
      const winners = new Set<string>()
      for (let moment = 0; moment < 60; moment += 4) {
        const person = itemIdOf("Movie 1").pipe(
          Effect.tap(() => Effect.forEach(Array.from({ length: moment }), () => Effect.yieldNow)),
          Effect.flatMap((id) => Removals.use((service) => service.request(id))),
          as("ann"),
          Effect.result
        )
        yield* Effect.gen(function* () {
          yield* ready
          const rule = yield* acting(badOnes)
          const [asked, report] = yield* Effect.all([person, runRule(rule.id)], { concurrency: 2 })
          const [open, ...others] = (yield* removals).filter(({ title }) => title === "Movie 1")
          assert.deepStrictEqual(others, [])
          assert.strictEqual(open?.origin, asked._tag === "Success" ? "person" : "rule")
          if (asked._tag === "Failure") assert.strictEqual(asked.failure._tag, "RemovalStateConflict")
          assert.strictEqual(report.queued.items + report.alreadyQueued.items, 2)
          winners.add(open?.origin ?? "nobody")
        }).pipe(Effect.provide(stackTest(halfEmpty()), { local: true }))
      }
      assert.sameMembers([...winners], ["person", "rule"])
    })
  )
})

describe("A rule that only unmonitors", () => {
  it.effect("does so once, since the item stays in the library", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", action: "unmonitor", graceDays: 0 } })
      yield* runRule(rule.id)
      yield* runDue
      yield* sync
      assert.strictEqual(library.byTitle("Movie 1")?.facts.monitored, false)
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual(report.keptBecause, [{ because: "it is unmonitored already", items: 2 }])
      assert.strictEqual((yield* removals).length, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A damaged acting rule", () => {
  it.effect("lets its removals wait until it can be read again", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE rules SET action = '{"type":"erase"}' WHERE id = ${Number(rule.id)}`
      const rules = yield* Rules
      yield* rules.create({ name: "Any", enabled: true, effect: "lean-keep", condition: leaf("year", ">", 1) })
      yield* passTime("11 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "scheduled", "Movie 2": "scheduled" })
      assert.deepStrictEqual(library.sent, [])
      yield* rules.update(rule.id, { condition: leaf("rating", "<", 3), scope: {}, action: badOnes.action })
      yield* passTime("1 hour")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("What an acting rule knows of people and of names", () => {
  it.effect("who watched a season is known by season, not by show, and nobody is taken for everybody", () => {
    const library = new FakeLibrary({ "/media": 1000 * gib })
    const { seasons } = library.addShow("Show", [10 * gib, 10 * gib])
    library.addShow("Other", [10 * gib])
    seasons[0]!.plays = [{ name: "ann", plays: 9, lastPlayedAt: "2025-01-01T00:00:00.000Z" }]
    return Effect.gen(function* () {
      yield* ready
      const condition = leaf("watchedByUser", "neverWatched", undefined, { user: "ann" })
      const rule = yield* acting({ name: "Not Ann", condition, action: { type: "remove" } })
      yield* runRule(rule.id)
      assert.deepStrictEqual(yield* states, { "Show, season 2": "scheduled", "Other, season 1": "scheduled" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("an exception by a tag stays one after the tag is renamed", () => {
    const library = halfEmpty()
    const first = library.byTitle("Movie 1")!
    first.facts = { ...first.facts, tags: ["classic"] }
    return Effect.gen(function* () {
      yield* ready
      const rules = yield* Rules
      const exception = yield* acting({
        name: "Not the classics",
        condition: leaf("tags", "contains", "classic"),
        action: { type: "report" }
      })
      yield* rules.update(exception.id, { priority: 50 })
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 0 } })
      first.facts = { ...first.facts, tags: ["evergreen"] }
      yield* sync
      yield* runRule(rule.id)
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 2": "removed" })
      yield* rules.acknowledge(exception.id)
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("an exempted tag that is renamed keeps exempting, at the run and when the removal is due", () => {
    const library = halfEmpty()
    const first = library.byTitle("Movie 1")!
    first.facts = { ...first.facts, tags: ["keep"] }
    return Effect.gen(function* () {
      yield* ready
      const condition = group("AND", leaf("rating", "<", 3), leaf("tags", "notContains", "keep"))
      const rule = yield* acting({ name: "Bad ones", condition, action: { type: "remove", graceDays: 0 } })
      first.facts = { ...first.facts, tags: ["retain"] }
      yield* sync
      yield* runRule(rule.id)
      assert.deepStrictEqual(yield* states, { "Movie 2": "scheduled" })
      yield* runDue
      assert.deepStrictEqual(library.removed, ["2"])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
