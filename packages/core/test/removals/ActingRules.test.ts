/** Rules that queue removals without a full disk: from the first match to the removal, or to the end of the reason. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { capacityJob } from "../../src/jobs/JobNames.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { leaf } from "../rules/Samples.ts"
import {
  as,
  audit,
  explanationOf,
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
import { acting, badOnes, halfEmpty, ready, runRule } from "./ActingRun.ts"
import { fullDisk } from "./Stocks.ts"

const keepAll = { name: "Keep", enabled: true, effect: "always-keep" } as const

/** Days pass, everything is read again, and what is due is removed. */
const afterDays = (days: number) => Effect.andThen(Effect.andThen(passTime(`${days} days`), sync), runDue)

describe("A rule that removes", () => {
  it.effect("queues what it matches with its grace, says why, and removes it when it is due", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.queued.items, report.matched.items, report.evaluated.items], [2, 2, 9])
      const removal = yield* removalOf("Movie 1")
      assert.deepInclude(removal, {
        state: "scheduled",
        origin: "rule",
        ruleId: rule.id,
        action: "remove-entry",
        graceDays: 10,
        scheduledAt: "2026-01-25T12:00:00.000Z"
      })
      assert.match(removal.because, /the rule "Bad ones" matches: .*rating/i)
      const detail = yield* Effect.flatMap(Removals, (service) => service.get(removal.id))
      assert.strictEqual(detail.decision.acting?.[0]?.outcome, "acts")
      yield* afterDays(9)
      assert.deepStrictEqual(library.sent, [])
      yield* afterDays(1)
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("never extends a due time by running again, and queues nothing twice", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      yield* passTime("4 days")
      yield* sync
      yield* Effect.flatMap(Rules, (rules) => rules.update(rule.id, { action: { type: "remove", graceDays: 300 } }))
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.queued.items, report.alreadyQueued.items, report.left.items], [0, 2, 0])
      assert.deepStrictEqual(
        (yield* removals).map(({ scheduledAt }) => scheduledAt),
        ["2026-01-25T12:00:00.000Z", "2026-01-25T12:00:00.000Z"]
      )
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("withdraws what it no longer matches and says why, unless a person has approved it", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", approval: true } })
      yield* runRule(rule.id)
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "proposed" })
      const service = yield* Removals
      yield* service.approve((yield* removalOf("Movie 2")).id).pipe(as("ann"))
      library.byTitle("Movie 1")!.facts = { ...library.byTitle("Movie 1")!.facts, rating: 8 }
      library.byTitle("Movie 2")!.facts = { ...library.byTitle("Movie 2")!.facts, rating: 8 }
      yield* sync
      const report = yield* runRule(rule.id)
      assert.strictEqual(report.left.items, 1)
      assert.match(report.leftBecause[0]?.because ?? "", /no longer matches: .*8/)
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "scheduled" })
      const event = (yield* audit).findLast(({ type }) => type === "removal.withdrawn")
      assert.match(event?.message ?? "", /"Movie 1" is no longer queued: the rule "Bad ones" no longer matches/)
      // It is not a decision of a person: the item can be queued again.
      library.byTitle("Movie 1")!.facts = { ...library.byTitle("Movie 1")!.facts, rating: 1 }
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("leaves items whose facts are unknown as they are, queued or not", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const condition = leaf("playCount", "=", 0)
      const rule = yield* acting({ name: "Unplayed", condition, action: { type: "remove" } })
      library.byTitle("Movie 9")!.plays = [{ name: "ann", plays: 1, lastPlayedAt: "2026-01-01T00:00:00.000Z" }]
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 8)
      library.down.add("server")
      yield* sync
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.unknown.items, report.queued.items, report.left.items], [9, 0, 0])
      assert.match(report.unknownBecause[0]?.because ?? "", /playCount unknown/)
      yield* passTime("8 days")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
      assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("has its condition evaluated with fresh facts before the deletion", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 1 } })
      yield* runRule(rule.id)
      yield* passTime("1 day")
      // Nothing has been read since.
      library.byTitle("Movie 1")!.facts = { ...library.byTitle("Movie 1")!.facts, rating: 7 }
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "removed" })
      assert.match((yield* removalOf("Movie 1")).reason ?? "", /no longer matches/)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("does not remove what was played in the meantime", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 1 } })
      yield* runRule(rule.id)
      yield* passTime("1 day")
      library.byTitle("Movie 1")!.plays = [{ name: "ann", plays: 1, lastPlayedAt: "2026-01-16T09:00:00.000Z" }]
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const [name, stop, reason] of [
    ["deleted", (id: string) => Effect.flatMap(Rules, (rules) => rules.remove(id)), /deleted/],
    [
      "switched off",
      (id: string) => Effect.flatMap(Rules, (rules) => rules.update(id, { enabled: false })),
      /switched off/
    ],
    [
      "changed to keep",
      (id: string) => Effect.flatMap(Rules, (rules) => rules.update(id, { effect: "lean-keep" })),
      /no longer removes/
    ]
  ] as const) {
    it.effect(`has its removals withdrawn when it is ${name}`, () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        const rule = yield* acting(badOnes)
        yield* runRule(rule.id)
        yield* stop(rule.id)
        assert.deepStrictEqual(yield* states, { "Movie 1": "spared", "Movie 2": "spared" })
        assert.match((yield* removalOf("Movie 1")).reason ?? "", reason)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("leaves a snooze alone when it is deleted, and blocks nothing after that has ended", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      const service = yield* Removals
      yield* service.reject((yield* removalOf("Movie 1")).id, "2026-01-20T00:00:00.000Z").pipe(as("ann"))
      yield* Effect.flatMap(Rules, (rules) => rules.remove(rule.id))
      assert.deepStrictEqual(yield* states, { "Movie 1": "snoozed", "Movie 2": "spared" })
      yield* passTime("6 days")
      yield* sync
      const jobs = yield* Jobs
      yield* jobs.await((yield* jobs.start(capacityJob, { startedBy: "schedule" })).id)
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "spared" })
      yield* setDisk({ limits: { type: "percent", threshold: 5, target: 1 } })
      yield* plan()
      assert.strictEqual((yield* removalOf("Movie 1")).origin, "engine")
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("only reports while it is switched off, and says so", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* Effect.flatMap(Rules, (rules) => rules.update(rule.id, { enabled: false }))
      const report = yield* runRule(rule.id)
      assert.deepInclude(report, { enabled: false, dryRun: true })
      assert.strictEqual(report.queued.items, 2)
      assert.deepStrictEqual(yield* removals, [])
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("writes nothing in a dry run", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      const report = yield* runRule(rule.id, { dryRun: true })
      assert.strictEqual(report.queued.items, 2)
      assert.deepStrictEqual(yield* removals, [])
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("asks for the new terms after its action has changed, and keeps the due time", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      yield* passTime("3 days")
      yield* sync
      yield* Effect.flatMap(Rules, (rules) =>
        rules.update(rule.id, { action: { type: "remove", graceDays: 10, resetRequest: true } })
      )
      yield* runRule(rule.id)
      const all = yield* removals
      assert.deepStrictEqual(
        all.map(({ resetRequest, scheduledAt, state }) => [state, resetRequest, scheduledAt?.slice(0, 10)]),
        [
          ["spared", false, "2026-01-25"],
          ["spared", false, "2026-01-25"],
          ["scheduled", true, "2026-01-25"],
          ["scheduled", true, "2026-01-25"]
        ]
      )
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )
})

describe("What keeps an item from an acting rule", () => {
  it.effect("is a protection, also one that comes after it was queued", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const protections = yield* Protections
      yield* protections.add({ itemId: yield* itemIdOf("Movie 1"), reason: "mine" }).pipe(as("ann"))
      const rule = yield* acting(badOnes)
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual(report.keptBecause, [{ because: "Protected by account:ann: mine", items: 1 }])
      assert.deepStrictEqual(yield* states, { "Movie 2": "scheduled" })
      yield* protections.add({ itemId: yield* itemIdOf("Movie 2") })
      yield* afterDays(10)
      assert.deepStrictEqual(library.sent, [])
      assert.deepStrictEqual(yield* states, { "Movie 2": "spared" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is a rule that always keeps it, or that may", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      const rules = yield* Rules
      const keeping = yield* rules.create({ ...keepAll, condition: leaf("title", "is", "Movie 1") })
      const rule = yield* acting(badOnes)
      assert.strictEqual((yield* runRule(rule.id)).keptBecause[0]?.because, "A rule always keeps it")
      assert.deepStrictEqual(yield* states, { "Movie 2": "scheduled" })
      yield* rules.update(keeping.id, { condition: leaf("playCount", ">", 0) })
      library.down.add("server")
      yield* sync
      const report = yield* runRule(rule.id)
      assert.match(report.unknownBecause[0]?.because ?? "", /a rule may keep it: playCount unknown/)
      assert.deepStrictEqual(yield* states, { "Movie 2": "scheduled" })
      yield* passTime("10 days")
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not a rule that only weighs", () =>
    Effect.gen(function* () {
      yield* ready
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({ ...keepAll, effect: "prefer-keep", condition: leaf("rating", "<", 3) })
      )
      const rule = yield* acting(badOnes)
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("is a person who cancelled or snoozed its removal", () =>
    Effect.gen(function* () {
      yield* ready
      const rule = yield* acting(badOnes)
      yield* runRule(rule.id)
      const service = yield* Removals
      yield* service.cancel((yield* removalOf("Movie 1")).id).pipe(as("ann"))
      yield* service.reject((yield* removalOf("Movie 2")).id, "2026-01-20T00:00:00.000Z").pipe(as("ann"))
      const report = yield* runRule(rule.id)
      assert.strictEqual(report.queued.items, 0)
      assert.strictEqual(report.kept.items, 2)
      assert.match(JSON.stringify(report.keptBecause), /cancelled by account:ann/)
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "snoozed" })
      yield* passTime("6 days")
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 1)
      const woken = yield* removalOf("Movie 2")
      assert.deepInclude(woken, { state: "scheduled", scheduledAt: "2026-01-31T12:00:00.000Z" })
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )

  it.effect("is a disk in dry-run, where it is only proposed, and the brake", () => {
    const library = halfEmpty()
    return Effect.gen(function* () {
      yield* ready
      yield* setDisk({ mode: "dry-run" })
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 0 } })
      const report = yield* runRule(rule.id)
      assert.deepStrictEqual([report.queued.items, report.proposed], [2, 2])
      assert.deepInclude(yield* removalOf("Movie 1"), { state: "proposed", mode: "dry-run" })
      yield* setDisk({ mode: "auto" })
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      yield* runRule(rule.id)
      assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
      yield* afterDays(1)
      assert.deepStrictEqual(library.sent, [])
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
      yield* setDisk({ mode: "dry-run" })
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("Acting rules and the engine", () => {
  it.effect("do not weigh: a plan is the same with and without them", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* ready
      const before = yield* plan({ dryRun: true })
      yield* acting({ ...badOnes, condition: leaf("rating", ">", 7), action: { type: "report" } })
      const after = yield* plan({ dryRun: true })
      assert.deepStrictEqual(after, before)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("a full disk does not wait for what a rule removes much later", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...badOnes, action: { type: "remove", graceDays: 300 } })
      yield* runRule(rule.id)
      const report = yield* plan()
      assert.strictEqual(report.scheduled, 2)
      assert.deepStrictEqual(yield* states, {
        "Movie 1": "scheduled",
        "Movie 2": "scheduled",
        "Movie 3": "scheduled",
        "Movie 4": "scheduled"
      })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("an explanation lists the acting rules and how each stands to the item", () =>
    Effect.gen(function* () {
      yield* ready
      yield* acting(badOnes)
      yield* acting({ ...badOnes, name: "Unplayed", condition: leaf("playCount", "=", 0) })
      const { decision } = yield* explanationOf("Movie 1")
      assert.deepStrictEqual(
        decision?.acting?.map(({ name, outcome, sentence }) => [name, outcome, sentence]),
        [
          ["Bad ones", "acts", "The rule acts on it."],
          ["Unplayed", "kept", 'The rule matches, and does nothing: the rule "Bad ones" comes first.']
        ]
      )
    }).pipe(Effect.provide(stackTest(halfEmpty())))
  )
})
