import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readPages } from "../../../src/integrations/kinds/Paging.ts"

const list = (total: number | null, odd: ReadonlySet<number>) => {
  const all = Array.from({ length: 25 }, (_, index) => index)
  return readPages({
    integration: "Test",
    call: "GET list",
    pageSize: 10,
    keyOf: String,
    fetch: (start) => {
      const records = all.slice(start, start + 10)
      return Effect.succeed({ rows: records.filter((one) => !odd.has(one)), records: records.length, total })
    }
  })
}

describe("A paged list", () => {
  for (const total of [25, null]) {
    it.effect(
      `is read completely despite records that cannot be read, ${total === null ? "without" : "with"} a total`,
      () =>
        Effect.gen(function* () {
          const rows = yield* list(total, new Set([3, 14, 24]))
          assert.deepStrictEqual([rows.length, rows[rows.length - 1]], [22, 23])
        })
    )
  }

  it.effect("with missing records is not treated as complete", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(list(40, new Set())))._tag, "UpstreamMalformed")
    })
  )
})
