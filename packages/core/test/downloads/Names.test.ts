/** Names that rules about downloads refer to, while downloads come and go. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

const keep = (field: string, operator: string, value: unknown) =>
  Effect.flatMap(Rules, (rules) =>
    Effect.orDie(
      rules.create({
        subject: "download",
        name: "Keep",
        enabled: true,
        effect: "ignore",
        condition: { kind: "condition", field, operator, value } as never
      })
    )
  )
const heldRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* Effect.orDie(sql<{ n: number }>`SELECT count(*) AS n FROM held_names`)
  return row?.n ?? 0
})
const eventCount = Effect.gen(function* () {
  const log = yield* EventLog
  const found = yield* Effect.orDie(log.page({ limit: 200 }))
  return found.items.filter(({ type }) => type.startsWith("rule.")).length
})

describe("A name in a rule about downloads", () => {
  it.effect("costs neither rows nor events while downloads that have it come and go", () => {
    const fake = new FakeDownloads()
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* keep("category", "equals", "movies")
      const before = yield* eventCount
      // A download that stays, so that names are lost and found again.
      fake.add("Stays", 99, { state: "seeding", progress: 1, category: "tv" })
      for (let round = 0; round < 10; round++) {
        const one = fake.add(`Movie.${round}`, round)
        yield* live(1)
        yield* clean
        fake.downloads.delete(one.id)
        yield* live(1)
        yield* clean
      }
      assert.isAtMost(yield* heldRows, 1)
      assert.strictEqual(yield* eventCount, before)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("still keeps a download whose category was renamed", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Movie", 1, { ...stalled, category: "keep" })
    fake.add("Other", 2, { state: "seeding", progress: 1, category: "movies" })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* keep("category", "equals", "keep")
      yield* live(1)
      yield* clean
      fake.change(one, { category: "kept" })
      yield* live(12)
      yield* clean
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
