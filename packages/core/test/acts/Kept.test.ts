/** The list of acts with their explanations, and for how long ended ones are kept. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { RetentionSettings } from "../../src/settings/RetentionSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { actsOn, ActsTest, makeServer } from "./Labels.ts"

describe("The list of acts", () => {
  it.effect("is filtered by kind, state, subject, words and time, and paged", () => {
    const server = makeServer("Films leaving", "shows leaving", "kept")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      yield* acts.take("Films leaving")
      yield* TestClock.adjust("1 hour")
      yield* acts.take("shows leaving")
      yield* acts.run
      yield* TestClock.adjust("1 hour")
      yield* acts.take("kept")
      const titles = (query: Parameters<Acts["Service"]["page"]>[0]) =>
        Effect.map(acts.page(query), ({ items }) => items.map(({ title }) => title))
      assert.deepStrictEqual(yield* titles({}), ["kept", "shows leaving", "Films leaving"])
      assert.deepStrictEqual(yield* titles({ state: "done" }), ["shows leaving", "Films leaving"])
      assert.deepStrictEqual(yield* titles({ open: true }), ["kept"])
      assert.deepStrictEqual(yield* titles({ kind: "take-label", key: "kept" }), ["kept"])
      assert.deepStrictEqual(yield* titles({ kind: "another" }), [])
      assert.deepStrictEqual(yield* titles({ search: "FILMS" }), ["Films leaving"])
      assert.deepStrictEqual(yield* titles({ since: "1970-01-01T01:00:00Z", until: "1970-01-01T02:00:00Z" }), [
        "shows leaving"
      ])
      const first = yield* acts.page({ search: "leaving", limit: 1 })
      assert.deepStrictEqual(yield* titles({ search: "leaving", cursor: first.nextCursor ?? "" }), ["Films leaving"])
      assert.strictEqual((yield* Effect.flip(acts.page({ since: "yesterday" })))._tag, "InvalidRequest")
      assert.strictEqual((yield* Effect.flip(acts.page({ limit: 201 })))._tag, "InvalidRequest")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("explains an act: intent, reasons, steps, attempts, and what undoes it", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving").pipe(Effect.provideService(Actor, "account:ann"))
      yield* acts.run
      const detail = yield* acts.get(id)
      assert.deepInclude(detail, { subject: { label: "leaving" }, because: "it is over", attempts: 1, step: null })
      assert.deepStrictEqual(detail.undo, { possible: true, until: null, detail: null, kept: { label: "leaving" } })
      assert.deepStrictEqual(
        detail.history.map(({ actor, type }) => [type, actor]),
        [
          ["act.planned", "account:ann"],
          ["act.executing", "system"],
          ["act.done", "system"]
        ]
      )
    }).pipe(Effect.provide(ActsTest))
  })
})

describe("Ended acts", () => {
  /** One act of each end, and open ones. */
  const all = Effect.gen(function* () {
    const server = makeServer("done", "undone", "spared", "cancelled", "failed", "planned")
    const acts = yield* actsOn(server)
    for (const label of ["done", "undone"]) yield* acts.take(label)
    yield* acts.run
    const undone = (yield* acts.page({ key: "undone" })).items[0]
    yield* acts.undo(undone?.id ?? "")
    yield* acts.take("spared")
    server.labels.delete("spared")
    yield* acts.run
    yield* acts.cancel((yield* acts.take("cancelled")).id)
    yield* acts.take("failed")
    server.mode = "refuses"
    yield* acts.run
    yield* acts.take("planned")
    return acts
  })

  const left = Acts.use((acts) =>
    Effect.map(Effect.orDie(acts.page({})), ({ items }) => items.map(({ state }) => state).toSorted())
  )

  it.effect("are deleted after the days in the settings, those that can be undone later, open ones never", () =>
    Effect.gen(function* () {
      const acts = yield* all
      yield* Settings.use((settings) => settings.patch(RetentionSettings, { actDays: 30, undoDays: 100 }))
      const before = yield* EventLog.use((log) => log.page({ category: "audit", limit: 200 }))
      yield* TestClock.adjust("29 days")
      assert.strictEqual(yield* acts.prune, 0)
      yield* TestClock.adjust("2 days")
      assert.strictEqual(yield* acts.prune, 3)
      assert.deepStrictEqual(yield* left, ["done", "failed", "planned"])
      yield* TestClock.adjust("70 days")
      assert.strictEqual(yield* acts.prune, 1)
      assert.deepStrictEqual(yield* left, ["failed", "planned"])
      yield* TestClock.adjust("3000 days")
      assert.strictEqual(yield* acts.prune, 0)
      const after = yield* EventLog.use((log) => log.page({ category: "audit", limit: 200 }))
      assert.strictEqual(after.items.length, before.items.length, "their events stay")
    }).pipe(Effect.provide(ActsTest))
  )

  it.effect("can be undone for the days of their kind, and are kept for that long", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server, { undoDays: 1000 })
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      yield* TestClock.adjust("999 days")
      assert.strictEqual(yield* acts.prune, 0)
      assert.strictEqual((yield* acts.undo(id)).state, "undone")
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("of a kind that cannot undo them go with the others, and those of an unknown kind are kept longer", () => {
    const server = makeServer("leaving")
    return Effect.gen(function* () {
      const acts = yield* actsOn(server, { canUndo: false })
      yield* acts.take("leaving")
      yield* acts.run
      yield* TestClock.adjust("91 days")
      const elsewhere = yield* Acts.use((others) => others.prune).pipe(Effect.provide(Layer.fresh(Acts.layer)))
      assert.strictEqual(elsewhere, 0, "where its kind is not defined")
      assert.strictEqual(yield* acts.prune, 1)
    }).pipe(Effect.provide(ActsTest))
  })

  it.effect("of which a request may still take effect are kept", () => {
    const server = makeServer("leaving")
    server.mode = "lies"
    return Effect.gen(function* () {
      const acts = yield* actsOn(server)
      const { id } = yield* acts.take("leaving")
      yield* acts.run
      yield* acts.cancel(id)
      yield* TestClock.adjust("400 days")
      assert.strictEqual(yield* acts.prune, 0)
      yield* acts.run
      assert.strictEqual(yield* acts.prune, 1)
    }).pipe(Effect.provide(ActsTest))
  })
})
