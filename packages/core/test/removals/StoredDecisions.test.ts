/** Decisions as earlier versions stored them, and damaged documents of removals and protections. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import type { Explanation } from "../../src/capacity/Explanation.ts"
import { packDecision, unpackDecision } from "../../src/removals/RemovalStore/Decisions.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { migrateToLatest, migrateUpTo } from "../../src/storage/Migrations.ts"
import { Unmigrated } from "../support/Sql.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { connectFakes, itemIdOf, plan, removals, setDisk, stackTest, sync } from "../support/Stack.ts"

const library = () => {
  const fakes = new FakeLibrary({ "/media": 100 * gib })
  for (const n of [1, 2]) fakes.add({ title: `Movie ${n}`, facts: { rating: n } })
  return fakes
}

const planned = Effect.gen(function* () {
  yield* connectFakes()
  yield* sync
  const settings = yield* Settings
  yield* settings.patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 } })
  yield* setDisk({ mode: "approval", limits: { type: "percent", threshold: 1, target: 0 } })
  yield* plan()
  const [first] = yield* removals
  const service = yield* Removals
  return yield* service.get(first!.id)
})

const store = (id: string, text: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`UPDATE removal_decisions SET decision = ${text} WHERE removal_id = ${Number(id)}`
  )

/** As version 2 stored it: every factor with its keys, and readings of facts that do not apply in each of them. */
const secondForm = (decision: Explanation) => {
  const groups = new Map<string, { source: string | null; at: string | null; values: Record<string, unknown> }>()
  for (const { at, fact, source, state, value } of decision.facts) {
    if (state !== "known") continue
    const key = JSON.stringify([source, at])
    const group = groups.get(key) ?? { source, at, values: {} }
    groups.set(key, group)
    group.values[fact] = value
  }
  const listed = new Set(decision.facts.map(({ fact }) => fact))
  return {
    v: 2,
    ...decision,
    score: {
      ...decision.score,
      factors: decision.score.factors.map((factor) => ({
        ...factor,
        facts: factor.facts.map((reading) => (listed.has(reading.fact) ? reading.fact : reading))
      }))
    },
    known: [...groups.values()],
    facts: decision.facts.filter(({ state }) => state !== "known")
  }
}

const read = (id: string) => Effect.flatMap(Removals, (service) => service.get(id))

describe("A stored decision", () => {
  it.effect("contains its version, and can be read in the three earlier versions", () =>
    Effect.gen(function* () {
      const { decision, id } = yield* planned
      const text = packDecision(decision)
      assert.strictEqual(JSON.parse(text).v, 3)
      assert.deepStrictEqual(Result.getOrThrow(unpackDecision(id, text)), decision)
      const second = secondForm(decision)
      const { v: _v, ...first } = second
      for (const former of [second, first, decision]) {
        yield* store(id, JSON.stringify(former))
        assert.deepStrictEqual((yield* read(id)).decision, decision)
      }
    }).pipe(Effect.provide(stackTest(library())))
  )

  it.effect("of an earlier version is found where the newest one looks for it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* migrateUpTo(32)
      yield* sql`PRAGMA foreign_keys = OFF`
      yield* sql`INSERT INTO removals ${sql.insert({
        item_id: 1,
        external_id: "1",
        kind: "movie",
        title: "Movie",
        ids: "[]",
        size_bytes: 1,
        state: "proposed",
        mode: "approval",
        origin: "engine",
        actor: "system",
        position: 0,
        rank: 1,
        decision: '{"kept":true}',
        attempts: 0,
        because: "it is full",
        final: 0,
        version: 1,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z"
      })}`
      yield* migrateToLatest
      const stored =
        yield* sql`SELECT r.title, d.decision FROM removals r JOIN removal_decisions d ON d.removal_id = r.id`
      assert.deepEqual(stored, [{ title: "Movie", decision: '{"kept":true}' }])
    }).pipe(Effect.provide(Unmigrated))
  )

  it.effect("is read without facts that no longer exist", () =>
    Effect.gen(function* () {
      const { decision, id } = yield* planned
      const former = {
        ...decision,
        undecidedBecause: ["smell"],
        score: { ...decision.score, allowed: ["smell", "rating"] },
        facts: [
          ...decision.facts,
          { fact: "smell", state: "known", value: 3, source: null, at: null, reason: null, detail: null }
        ]
      }
      yield* store(id, JSON.stringify(former))
      assert.deepStrictEqual((yield* read(id)).decision, {
        ...decision,
        undecidedBecause: [],
        score: { ...decision.score, allowed: ["rating"] }
      })
    }).pipe(Effect.provide(stackTest(library())))
  )

  it.effect("that is damaged is reported with its removal, and the others can still be read", () =>
    Effect.gen(function* () {
      const { decision, id } = yield* planned
      const { score: _s, ...withoutScore } = decision
      for (const [text, detail] of [
        ["{", /not JSON/],
        ["[]", /./],
        [JSON.stringify(withoutScore), /^score: is missing$/],
        [JSON.stringify({ ...decision, rank: "high" }), /^rank: /],
        [JSON.stringify({ ...decision, v: 9 }), /form 9, of a later version/]
      ] as const) {
        yield* store(id, text)
        const defect = yield* read(id).pipe(
          Effect.as<unknown>(null),
          Effect.catchDefect((died) => Effect.succeed(died))
        )
        assert.deepInclude(defect, { _tag: "StoredDocumentInvalid", table: "removals", column: "decision", id })
        const unpacked = unpackDecision(id, text)
        assert.match(Result.isFailure(unpacked) ? unpacked.failure.detail : "", detail)
      }
      assert.lengthOf(yield* removals, 2, "lists do not read decisions")
      const other = (yield* removals).find((removal) => removal.id !== id)
      assert.strictEqual((yield* read(other!.id)).state, "proposed")
    }).pipe(Effect.provide(stackTest(library())))
  )
})

describe("The stored ids of a title", () => {
  it.effect("stop the decisions that depend on them if they are damaged, and are reported", () =>
    Effect.gen(function* () {
      const { id } = yield* planned
      const sql = yield* SqlClient.SqlClient
      const decisions = yield* StoppingDecisions
      const protection = yield* decisions.protect({ itemId: yield* itemIdOf("Movie 2") })
      const defectOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        effect.pipe(
          Effect.as<unknown>(null),
          Effect.catchDefect((died) => Effect.succeed(died))
        )
      yield* sql`UPDATE protections SET ids = '{"tmdb":1}' WHERE id = ${Number(protection.id)}`
      assert.deepInclude(yield* defectOf(plan()), {
        _tag: "StoredDocumentInvalid",
        table: "protections",
        column: "ids",
        id: protection.id
      })
      yield* sql`UPDATE protections SET ids = '[]' WHERE id = ${Number(protection.id)}`
      yield* sql`UPDATE removals SET ids = '[' WHERE id = ${Number(id)}`
      assert.deepInclude(yield* defectOf(plan()), {
        _tag: "StoredDocumentInvalid",
        table: "removals",
        column: "ids",
        id
      })
    }).pipe(Effect.provide(stackTest(library())))
  )
})
