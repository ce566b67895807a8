/** A person's decision about a file or a whole holds against rules under every application, and for the parts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { leaf } from "../rules/Samples.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  connectFakes,
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

const later = { ...badOnes, action: { type: "remove", graceDays: 1 } } as const

describe("A file that two applications manage", () => {
  for (const decision of ["cancel", "reject"] as const) {
    it.effect(`is not removed through one after a person decided in the other: ${decision}`, () => {
      const library = halfEmpty()
      return Effect.gen(function* () {
        yield* ready
        yield* (yield* Integrations).create({ kind: "shelf", name: "Second", url: "http://second.test", config: {} })
        yield* sync
        const rule = yield* acting(later)
        assert.strictEqual((yield* runRule(rule.id)).queued.items, 4)
        const [one] = (yield* removals).filter(({ title }) => title === "Movie 1")
        const service = yield* Removals
        if (decision === "cancel") yield* service.cancel(one!.id).pipe(as("ann"))
        else yield* service.reject(one!.id, "2026-03-01T00:00:00.000Z").pipe(as("ann"))
        yield* passTime("1 day")
        yield* sync
        yield* runDue
        assert.isDefined(library.byTitle("Movie 1"))
        assert.isUndefined(library.byTitle("Movie 2"))
      }).pipe(Effect.provide(stackTest(library)))
    })
  }
})

describe("A file that the engine has scheduled in one of two applications", () => {
  it.effect("stays if a person requests its removal in the other one, and cancels that", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* (yield* Integrations).create({ kind: "shelf", name: "Second", url: "http://second.test", config: {} })
      yield* sync
      yield* setDisk({ mode: "auto" })
      yield* plan()
      const planned = yield* removalOf("Movie 1")
      const { items } = yield* (yield* Snapshots).get
      const twin = items.find(({ id, title }) => title === "Movie 1" && id !== planned.itemId)
      const service = yield* Removals
      yield* service.cancel((yield* service.request(twin?.id ?? "")).id).pipe(as("ann"))
      yield* passTime("31 seconds")
      yield* runDue
      assert.isDefined(library.byTitle("Movie 1"))
      assert.match((yield* service.get(planned.id)).reason ?? "", /of the same file was cancelled by account:ann/)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A show whose removal a person has put off", () => {
  it.effect("keeps its seasons from rules until then", () => {
    const library = new FakeLibrary({ "/media": 1000 * gib })
    library.addShow("Lost", [10 * gib, 10 * gib], { facts: { rating: 1 } })
    return Effect.gen(function* () {
      yield* ready
      const service = yield* Removals
      const { id } = yield* service.request(yield* itemIdOf("Lost")).pipe(as("ann"))
      yield* service.reject(id, "2026-03-01T00:00:00.000Z").pipe(as("ann"))
      const rule = yield* acting({ ...later, condition: leaf("rating", "<", 3) })
      assert.match((yield* runRule(rule.id)).keptBecause[0]?.because ?? "", /"Lost".* put off by account:ann/)
      yield* passTime("2 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(yield* states, { Lost: "snoozed" })
      yield* passTime("60 days")
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps seasons that a rule has queued already", () => {
    const library = new FakeLibrary({ "/media": 1000 * gib })
    library.addShow("Lost", [10 * gib, 10 * gib], { facts: { rating: 1 } })
    return Effect.gen(function* () {
      yield* ready
      const rule = yield* acting({ ...later, condition: leaf("rating", "<", 3) })
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
      const service = yield* Removals
      const { id } = yield* service.request(yield* itemIdOf("Lost"), { graceDays: 5 }).pipe(as("ann"))
      yield* service.cancel(id).pipe(as("ann"))
      yield* passTime("1 day")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("keeps its seasons from the engine", () => {
    const library = new FakeLibrary({ "/media": 100 * gib })
    library.addShow("Lost", [45 * gib, 45 * gib])
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* setDisk({ mode: "auto" })
      const service = yield* Removals
      const { id } = yield* service.request(yield* itemIdOf("Lost")).pipe(as("ann"))
      yield* service.cancel(id).pipe(as("ann"))
      assert.strictEqual((yield* plan()).scheduled, 0)
      assert.deepStrictEqual(yield* states, { Lost: "cancelled" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A season whose removal a person has cancelled", () => {
  it.effect("keeps its show from a rule that removes whole shows, and no other season", () => {
    const library = new FakeLibrary({ "/media": 1000 * gib })
    library.addShow("Lost", [10 * gib, 10 * gib], { facts: { rating: 1 } })
    return Effect.gen(function* () {
      yield* ready
      const { items } = yield* (yield* Snapshots).get
      const seasons = items.filter(({ kind }) => kind === "season")
      const service = yield* Removals
      yield* service.cancel((yield* service.request(seasons[0]?.id ?? "")).id).pipe(as("ann"))
      const rule = yield* acting({ ...later, condition: leaf("rating", "<", 3) })
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 1)
      yield* (yield* Integrations).update("1", { options: { wholeShows: true } })
      yield* sync
      const report = yield* runRule(rule.id)
      assert.match(report.keptBecause[0]?.because ?? "", /which belongs to it, was cancelled by account:ann/)
      yield* passTime("2 days")
      yield* sync
      yield* runDue
      assert.isDefined(library.byTitle("Lost"))
    }).pipe(Effect.provide(stackTest(library)))
  })
})
