import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import type { Factor } from "../../src/capacity/Factors.ts"
import { Preview } from "../../src/capacity/Preview.ts"
import { ScoreFactors } from "../../src/capacity/ScoreFactors.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { itemIdOf } from "../support/Stack.ts"
import { feedTest } from "../library/Feeds.ts"
import { gib, prepare, shelfOf } from "./Shelf.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { ScoringSettings } from "../../src/capacity/ScoringSettings.ts"

/** Counts how often items were scored: one evaluation of 42 films counts 42. */
const counter = () => {
  let scored = 0
  const factor: Factor = {
    key: "counted",
    name: "Counted",
    description: "Weighs nothing, and counts.",
    aliases: [],
    defaultWeight: 1,
    facts: ["sizeBytes"],
    itemKinds: null,
    raw: () => {
      scored++
      return 0
    },
    reason: () => "It was counted"
  }
  return { layer: ScoreFactors.layerWith([factor]), scored: () => scored }
}

const films = 40
const entries = films + 2

const withCounter = (
  test: (looks: Effect.Effect<number>) => Effect.Effect<unknown, unknown, Layer.Success<ReturnType<typeof feedTest>>>
) => {
  const { layer, scored } = counter()
  let before = 0
  const looks = Effect.sync(() => {
    const count = Math.floor((scored() - before) / entries)
    before = scored()
    return count
  })
  return test(looks).pipe(Effect.provide(feedTest(shelfOf(films)).pipe(Layer.provide(layer))))
}

/** The id of an item whose explanation needs no score. */
const page = Effect.flatMap(Preview, (preview) => preview.page({ status: "irremovable", limit: 1 }))

describe("A preview for many clients", () => {
  it.effect("is computed once for all waiting clients and their next pages", () =>
    withCounter((looks) =>
      Effect.gen(function* () {
        const preview = yield* Preview
        yield* prepare
        yield* page
        yield* TestClock.adjust("2 minutes")
        yield* looks
        const answers = yield* Effect.all(
          Array.from({ length: 20 }, () => page),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(yield* looks, 1)
        assert.strictEqual(new Set(answers.map((answer) => answer.computedAt)).size, 1)
        yield* preview.page({ status: "kept" })
        yield* preview.page({ status: "protected", diskGroupId: "1" })
        yield* page
        assert.strictEqual(yield* looks, 0)
      })
    )
  )

  it.effect("is computed again after each change that affects decisions, with the time of its computation", () =>
    withCounter((looks) =>
      Effect.gen(function* () {
        const protections = yield* Protections
        const rules = yield* Rules
        const settings = yield* Settings
        const diskGroups = yield* DiskGroups
        const integrations = yield* Integrations
        const planner = yield* Planner
        const removals = yield* Removals
        const sync = yield* Sync
        const { manager } = yield* prepare
        yield* page
        yield* page
        yield* looks

        const changes: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, SqlClient.SqlClient>]> = [
          ["protection", Effect.flatMap(itemIdOf("Film 7"), (itemId) => protections.add({ itemId, reason: "" }))],
          [
            "rule",
            rules.create({
              name: "Film 8 stays",
              enabled: true,
              effect: "always-keep",
              condition: { kind: "condition", field: "title", operator: "eq", value: "Film 8" }
            })
          ],
          ["setting", settings.patch(RemovalsSettings, { caps: { maxItems: 3 } })],
          ["weight", settings.patch(ScoringSettings, { weights: { rating: 10 } })],
          ["disk group", diskGroups.update("1", { mode: "approval" })],
          ["plan", planner.run({ runId: null, dryRun: false })],
          [
            "a person's no",
            Effect.gen(function* () {
              const [first] = (yield* removals.page({ limit: 1 })).items
              yield* removals.cancel(first?.id ?? "")
            })
          ],
          ["integration", integrations.update(manager, { options: { removeCollections: true } })],
          ["sync", sync.run()]
        ]
        for (const [what, change] of changes) {
          yield* TestClock.adjust("1 second")
          yield* change
          yield* looks
          const before = yield* page
          assert.isAtLeast(yield* looks, 1, what)
          yield* TestClock.adjust("1 second")
          const again = yield* page
          assert.strictEqual(yield* looks, 0, what)
          assert.strictEqual(again.computedAt, before.computedAt, what)
        }
      })
    )
  )

  it.effect("is no older than a minute, even if the clock was set back", () =>
    withCounter((looks) =>
      Effect.gen(function* () {
        yield* prepare
        const first = yield* page
        yield* looks
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual((yield* page).computedAt, first.computedAt)
        yield* TestClock.adjust("2 seconds")
        const second = yield* page
        assert.strictEqual(yield* looks, 1)
        assert.strictEqual(Date.parse(second.computedAt) - Date.parse(first.computedAt), 61_000)
        yield* TestClock.setTime(Date.parse(first.computedAt) - 86_400_000)
        yield* page
        assert.strictEqual(yield* looks, 1)
      })
    )
  )

  it.effect("stops when the last client has disconnected, and continues while one is left", () =>
    Effect.gen(function* () {
      const { layer, scored } = counter()
      const many = 3000
      yield* Effect.gen(function* () {
        yield* prepare
        const start = scored()
        const one = yield* Effect.forkChild(page)
        const other = yield* Effect.forkChild(page)
        while (scored() === start) yield* Effect.yieldNow
        yield* Fiber.interrupt(one)
        const left = scored()
        while (scored() === left) yield* Effect.yieldNow
        yield* Fiber.interrupt(other)
        const gone = scored()
        assert.isBelow(gone - start, many)
        for (let turn = 0; turn < 200; turn++) yield* Effect.yieldNow
        assert.strictEqual(scored(), gone)
        assert.strictEqual((yield* page).summary.evaluated, many + 2)
      }).pipe(Effect.provide(feedTest(shelfOf(many)).pipe(Layer.provide(layer))))
    })
  )

  it.effect("includes the uncommitted changes of a transaction only within that transaction", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const protections = yield* Protections
      yield* prepare
      const itemId = yield* itemIdOf("Film 7")
      assert.strictEqual((yield* page).summary.protected.items, 1)
      yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* protections.add({ itemId, reason: "" })
            assert.deepStrictEqual((yield* page).summary.protected, { items: 2, bytes: 3 * gib })
            yield* Effect.fail("taken back")
          })
        )
        .pipe(Effect.ignore)
      assert.strictEqual((yield* page).summary.protected.items, 1)
    }).pipe(Effect.provide(feedTest(shelfOf(films))))
  )
})
