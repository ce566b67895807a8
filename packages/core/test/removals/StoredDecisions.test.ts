/** Decisions as earlier versions stored them, and damaged documents of removals and protections. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { packDecision, unpackDecision } from "../../src/removals/RemovalStore/Decisions.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
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
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE removals SET decision = ${text} WHERE id = ${Number(id)}`)

const read = (id: string) => Effect.flatMap(Removals, (service) => service.get(id))

describe("A stored decision", () => {
  it.effect("contains its version, and can be read in the two earlier versions", () =>
    Effect.gen(function* () {
      const { decision, id } = yield* planned
      const packed: Record<string, unknown> = JSON.parse(packDecision(decision))
      assert.strictEqual(packed["v"], 2)
      const { v: _v, ...withoutVersion } = packed
      for (const former of [withoutVersion, decision]) {
        yield* store(id, JSON.stringify(former))
        assert.deepStrictEqual((yield* read(id)).decision, decision)
      }
    }).pipe(Effect.provide(stackTest(library())))
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
