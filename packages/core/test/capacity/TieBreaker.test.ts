import { Effect } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Ranked, sortRanked } from "../../src/capacity/TieBreaker.ts"
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
  Effect.runSync(sortRanked(items, tieBreaker))
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

  it("treats ranks as equal that are the same to four decimals", () => {
    const items = [item("a", { rank: 0.500_02, sizeBytes: 1 }), item("b", { rank: 0.5, sizeBytes: 2 })]
    assert.strictEqual(orderOf(items, "sizeDesc"), "ba")
    assert.strictEqual(orderOf([item("a", { rank: 0.500_2 }), item("b", { sizeBytes: 2 })], "sizeDesc"), "ab")
  })

  it("distinguishes items if one more keeping rule applies to one of them, however small both ranks are", () => {
    for (let count = 1; count <= 160; count += 1) {
      const items = [
        item("a", { rank: 0.5 * 0.2 ** (count + 1), sizeBytes: 9 }),
        item("b", { rank: 0.5 * 0.2 ** count, sizeBytes: 1 })
      ]
      assert.strictEqual(orderOf(items, "sizeDesc"), "ba", `${count} rules`)
    }
    const equal = [item("a", { rank: 0.5 * 0.2 ** 9 * 1.000_01 }), item("b", { rank: 0.5 * 0.2 ** 9, sizeBytes: 2 })]
    assert.strictEqual(orderOf(equal, "sizeDesc"), "ba", "practically equal")
  })

  it("treats equal products of different factors as equal, however large", () => {
    const left = { rank: 0.3 * 100 ** 12 * 0.2 * 1.5 * 3, sizeBytes: 1 }
    const right = { rank: 3 * 1.5 * 100 ** 12 * 0.2 * 0.3, sizeBytes: 2 }
    assert.strictEqual(orderOf([item("a", left), item("b", right)], "sizeDesc"), "ba")
  })

  it("breaks ties by size, name or date, with items without a date last in both directions", () => {
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

  it("orders a library of many parts like one of a few items, whatever its initial order", () => {
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
        const sorted = Effect.runSync(sortRanked(items, tieBreaker))
        assert.strictEqual(new Set(sorted).size, size)
        assert.deepStrictEqual(Effect.runSync(sortRanked(items.toReversed(), tieBreaker)), sorted)
        // Neighbours have the same order as without the others.
        for (let index = 1; index < sorted.length; index += 97) {
          const pair = [sorted[index]!, sorted[index - 1]!]
          assert.deepStrictEqual(Effect.runSync(sortRanked(pair, tieBreaker)), pair.toReversed())
        }
      }
    }
  })

  it("sorts the same items into the same order, whatever their initial order", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tieBreakers),
        fc.uniqueArray(anyItem, { selector: (one) => one.id }),
        (tieBreaker, items) => {
          const order = orderOf(items, tieBreaker)
          assert.strictEqual(orderOf(items.toReversed(), tieBreaker), order)
          assert.strictEqual(orderOf([...items.slice(1), ...items.slice(0, 1)], tieBreaker), order)
        }
      ),
      { numRuns: 1_000 }
    )
  })
})
