import { Effect } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  compareRanked,
  parseTieBreaker,
  type Ranked,
  sortRanked,
  sortRankedInTurns
} from "../../src/capacity/TieBreaker.ts"
import { type TieBreaker, tieBreakers } from "../../src/capacity/CapacitySettings.ts"

const item = (id: string, given: Partial<Ranked> = {}): Ranked => ({
  id,
  rank: 0.5,
  sizeBytes: 1,
  title: "Alien",
  addedAt: null,
  ...given
})

const orderOf = (items: ReadonlyArray<Ranked>, tieBreaker: TieBreaker) =>
  sortRanked(items, tieBreaker)
    .map((one) => one.id)
    .join("")

const anyItem = fc.record({
  id: fc.uuid(),
  rank: fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((steps) => 0.5 + steps * 0.000_03),
    fc.constantFrom(0, 100)
  ),
  sizeBytes: fc.nat(3),
  title: fc.constantFrom("Alien", "alien", "Émile", "Zulu"),
  addedAt: fc.constantFrom(null, "2026-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z")
})

describe("TieBreaker", () => {
  it("puts the higher rank first, whatever the tie-breaker", () => {
    for (const tieBreaker of tieBreakers) {
      assert.strictEqual(orderOf([item("a", { rank: 0.1 }), item("b", { rank: 1.4 })], tieBreaker), "ba")
    }
  })

  it("takes ranks for equal that are the same at four decimals", () => {
    const items = [item("a", { rank: 0.500_02, sizeBytes: 1 }), item("b", { rank: 0.5, sizeBytes: 2 })]
    assert.strictEqual(orderOf(items, "sizeDesc"), "ba")
    assert.strictEqual(orderOf([item("a", { rank: 0.500_2 }), item("b", { sizeBytes: 2 })], "sizeDesc"), "ab")
  })

  it("tells apart what one keeping rule more was told of, however small both ranks are", () => {
    for (let count = 1; count <= 160; count += 1) {
      const items = [
        item("a", { rank: 0.5 * 0.2 ** (count + 1), sizeBytes: 9 }),
        item("b", { rank: 0.5 * 0.2 ** count, sizeBytes: 1 })
      ]
      assert.strictEqual(orderOf(items, "sizeDesc"), "ba", `${count} rules`)
    }
    const equal = [item("a", { rank: 0.5 * 0.2 ** 9 * 1.000_01 }), item("b", { rank: 0.5 * 0.2 ** 9, sizeBytes: 2 })]
    assert.strictEqual(orderOf(equal, "sizeDesc"), "ba", "as good as equal")
  })

  it("takes equal products of other factors for equal, however large", () => {
    const left = { rank: 0.3 * 100 ** 12 * 0.2 * 1.5 * 3, sizeBytes: 1 }
    const right = { rank: 3 * 1.5 * 100 ** 12 * 0.2 * 0.3, sizeBytes: 2 }
    assert.strictEqual(orderOf([item("a", left), item("b", right)], "sizeDesc"), "ba")
  })

  it("breaks ties by size, name or date, and items without a date come last both ways", () => {
    const items = [
      item("a", { sizeBytes: 2, title: "beta", addedAt: "2026-01-01T00:00:00.000Z" }),
      item("b", { sizeBytes: 1, title: "Gamma" }),
      item("c", { sizeBytes: 3, title: "ALPHA", addedAt: "2025-01-01T00:00:00.000Z" })
    ]
    assert.strictEqual(orderOf(items, "sizeDesc"), "cab")
    assert.strictEqual(orderOf(items, "sizeAsc"), "bac")
    assert.strictEqual(orderOf(items, "nameAsc"), "cab")
    assert.strictEqual(orderOf(items, "oldestFirst"), "cab")
    assert.strictEqual(orderOf(items, "newestFirst"), "acb")
  })

  it("orders a whole library in turns as it does in one go", async () => {
    for (const size of [0, 1, 1000, 1001, 2999, 5003]) {
      const items = Array.from({ length: size }, (_, index) =>
        item(String((index * 7919) % 10_007), {
          rank: ((index * 31) % 97) / 97,
          sizeBytes: (index * 17) % 5,
          title: `Film ${index % 3}`,
          addedAt: index % 4 === 0 ? null : `2026-01-0${1 + (index % 9)}T00:00:00.000Z`
        })
      )
      for (const tieBreaker of tieBreakers) {
        const inTurns = await Effect.runPromise(sortRankedInTurns(items, tieBreaker))
        assert.deepStrictEqual(
          inTurns.map(({ id }) => id),
          sortRanked(items, tieBreaker).map(({ id }) => id)
        )
      }
    }
  })

  it("is a total order: antisymmetric, transitive, and equal only for one item", () => {
    fc.assert(
      fc.property(fc.constantFrom(...tieBreakers), anyItem, anyItem, anyItem, (tieBreaker, a, b, c) => {
        const compare = (left: Ranked, right: Ranked) => compareRanked(tieBreaker, left, right)
        assert.strictEqual(Math.sign(compare(a, b)) + Math.sign(compare(b, a)), 0)
        if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.isAtMost(compare(a, c), 0)
        assert.strictEqual(compare(a, b) === 0, a.id === b.id)
      }),
      { numRuns: 1_000 }
    )
  })

  it("sorts the same items into the same order however they come", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tieBreakers),
        fc.uniqueArray(anyItem, { selector: (one) => one.id }),
        (tieBreaker, items) => {
          assert.strictEqual(orderOf(items, tieBreaker), orderOf(items.toReversed(), tieBreaker))
        }
      )
    )
  })

  it("is found by the names of Capacitarr", () => {
    const names = ["size_desc", "size_asc", "name_asc", "oldest_first", "newest_first"]
    assert.deepStrictEqual(names.map(parseTieBreaker), [...tieBreakers])
    assert.isNull(parseTieBreaker("random"))
  })
})
