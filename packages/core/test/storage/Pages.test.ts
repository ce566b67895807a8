import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { decodeCursor, encodeCursor, maximumPageSize, pageLimit, toPage } from "../../src/storage/Pages.ts"

const key = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.constant(null)
)

describe("Rows", () => {
  it.effect("decode a cursor as it was encoded, whatever titles it contains", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 3 }), async (keys) => {
          const decoded = await Effect.runPromise(
            decodeCursor("items/title", keys.length, encodeCursor("items/title", keys))
          )
          assert.deepStrictEqual([...decoded], keys)
        })
      )
    )
  )

  it("create cursors that can be used in a URL", () => {
    assert.match(encodeCursor("items/title/asc", ["Amélie & “+”/?#", 3]), /^[A-Za-z0-9_-]+$/)
  })

  it.effect("refuse a cursor of another query, of another length, or an invalid one", () =>
    Effect.gen(function* () {
      const made = encodeCursor("items/title", ["Alien", 3])
      const bad = [
        ["items/size", 2, made],
        ["items/title", 1, made],
        ["items/title", 2, made.slice(0, -3)],
        ["items/title", 2, "none"],
        ["items/title", 2, ""],
        ["items/title", 2, "%%%"],
        ["items/title", 2, Buffer.from('["items/title",{},[]]').toString("base64url")],
        ["items/title", 2, Buffer.from("null").toString("base64url")]
      ] as const
      for (const [scope, length, cursor] of bad) {
        const error = yield* Effect.flip(decodeCursor(scope, length, cursor))
        assert.strictEqual(error._tag, "InvalidRequest")
        assert.deepStrictEqual(
          error.errors.map((issue) => issue.path),
          [["query", "cursor"]]
        )
      }
    })
  )

  it.effect("restrict the limit of a page to its range", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* pageLimit(undefined), 50)
      assert.strictEqual(yield* pageLimit(1), 1)
      assert.strictEqual(yield* pageLimit(maximumPageSize), maximumPageSize)
      for (const limit of [0, -1, 1.5, maximumPageSize + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.strictEqual((yield* Effect.flip(pageLimit(limit)))._tag, "InvalidRequest", String(limit))
      }
    })
  )

  it("drop the extra row of a page, with a cursor after the last one returned", () => {
    const pageOf = (rows: ReadonlyArray<number>) =>
      toPage(
        rows,
        2,
        (row) => `after ${row}`,
        (row) => row * 10
      )
    assert.deepStrictEqual(pageOf([1, 2, 3]), { items: [10, 20], nextCursor: "after 2" })
    assert.deepStrictEqual(pageOf([1, 2]), { items: [10, 20], nextCursor: null })
    assert.deepStrictEqual(pageOf([]), { items: [], nextCursor: null })
  })
})
