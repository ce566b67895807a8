import { Effect } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { DecisionStatus } from "../../src/capacity/Decision.ts"
import { allowanceOf, plan, rankInTurns } from "../../src/capacity/Plan.ts"
import { decisionOn, diskGroup, environmentOf, itemOnDisk, liveIntegration } from "./Worlds.ts"

const unlimited = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

interface Drawn {
  readonly size: number
  readonly rank: number
  readonly status: DecisionStatus
  readonly collections: ReadonlyArray<string>
  readonly group: string
  readonly blocked: boolean
}

/** Mostly the first value, so that many units stay complete. */
const rarely = <A>(usual: A, ...others: ReadonlyArray<A>): fc.Arbitrary<A> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const drawn: fc.Arbitrary<Drawn> = fc.record({
  size: fc.integer({ min: 1, max: 50 }),
  rank: fc.constantFrom(0, 0.2, 0.5, 0.9, 3),
  status: rarely<DecisionStatus>("candidate", "undecided", "protected", "kept"),
  collections: fc.subarray(["A", "B", "C"], { maxLength: 2 }),
  group: rarely("1", "2"),
  blocked: rarely(false, true)
})

const planOf = (
  entries: ReadonlyArray<Drawn>,
  neededBytes: number,
  allowance: typeof unlimited,
  removeCollections: boolean
) => {
  const items = entries.map((entry, index) =>
    itemOnDisk(String(index + 1), entry.size, { collections: entry.collections, diskGroupId: entry.group })
  )
  const environment = environmentOf(items, {
    groups: new Map([
      ["1", diskGroup()],
      ["2", diskGroup({ id: "2", mountPath: "/more" })]
    ]),
    live: new Map([["1", liveIntegration("1", { removeCollections })]])
  })
  const decisions = entries.map((entry, index) => decisionOn(items[index]!, entry.rank, entry.status))
  return Effect.runSync(
    plan({
      environment,
      group: diskGroup(),
      ranked: Effect.runSync(rankInTurns(environment, decisions)),
      neededBytes,
      blocked: new Set(entries.flatMap((entry, index) => (entry.blocked ? [String(index + 1)] : []))),
      allowance
    })
  )
}

const movie = (size: number, rank: number, given: Partial<Drawn> = {}): Drawn => ({
  size,
  rank,
  status: "candidate",
  collections: [],
  group: "1",
  blocked: false,
  ...given
})

const idsOf = (result: ReturnType<typeof planOf>) => result.items.map(({ decision }) => decision.item.id)

describe("Plan", () => {
  it("takes items in ranked order until enough is freed; the last one may exceed it", () => {
    const result = planOf([movie(10, 0.2), movie(10, 0.9), movie(10, 0.5)], 15, unlimited, false)
    assert.deepStrictEqual(idsOf(result), ["2", "3"])
    assert.deepStrictEqual(
      result.items.map((item) => item.position),
      [1, 2]
    )
    assert.strictEqual(result.plannedBytes, 20)
    assert.isNull(result.limitedBy)
  })

  it("takes nothing if nothing is needed", () => {
    const result = planOf([movie(10, 0.9)], 0, unlimited, false)
    assert.deepStrictEqual(idsOf(result), [])
    assert.isNull(result.limitedBy)
  })

  it("skips kept items, and reports that candidates ran out", () => {
    const result = planOf(
      [
        movie(10, 0.9, { status: "protected" }),
        movie(10, 0.8, { blocked: true }),
        movie(10, 0.7, { group: "2" }),
        movie(10, 0),
        movie(10, 0.5)
      ],
      100,
      unlimited,
      false
    )
    assert.deepStrictEqual(idsOf(result), ["5"])
    assert.strictEqual(result.limitedBy, "candidates")
  })

  it("stays within the limits, with a smaller item if a larger one does not fit", () => {
    const items = planOf([movie(10, 0.9), movie(10, 0.8), movie(10, 0.7)], 100, { ...unlimited, items: 2 }, false)
    assert.deepStrictEqual(idsOf(items), ["1", "2"])
    assert.strictEqual(items.limitedBy, "caps")
    const bytes = planOf([movie(10, 0.9), movie(40, 0.8), movie(5, 0.7)], 100, { ...unlimited, bytes: 20 }, false)
    assert.deepStrictEqual(idsOf(bytes), ["1", "3"])
    assert.strictEqual(bytes.limitedBy, "caps")
  })

  it("allows a share of the library, rounded down, but always one item", () => {
    const caps = { maxItems: null, maxBytes: null, maxLibraryShare: 0.25 }
    assert.deepStrictEqual(allowanceOf(caps, 11), { items: 2, bytes: Number.POSITIVE_INFINITY })
    assert.strictEqual(allowanceOf(caps, 3).items, 1)
    assert.strictEqual(allowanceOf({ ...caps, maxItems: 1 }, 1000).items, 1)
    assert.strictEqual(allowanceOf({ ...caps, maxBytes: 500 }, 1000).bytes, 500)
  })

  it("takes a collection as a unit if the option of its integration is set", () => {
    const films = [movie(10, 0.9, { collections: ["A"] }), movie(10, 0.8), movie(10, 0.2, { collections: ["A"] })]
    const together = planOf(films, 15, unlimited, true)
    assert.deepStrictEqual(idsOf(together), ["1", "3"])
    assert.deepStrictEqual(
      together.items.map((item) => item.collection),
      ["A", "A"]
    )
    assert.deepStrictEqual(idsOf(planOf(films, 15, unlimited, false)), ["1", "2"])
  })

  it("skips a collection if one member is kept, or if it exceeds the limits", () => {
    const films = [movie(10, 0.9, { collections: ["A"] }), movie(10, 0.8), movie(10, 0.2, { collections: ["A"] })]
    for (const kept of [{ status: "protected" as const }, { blocked: true }, { group: "2" }]) {
      const with3 = [films[0]!, films[1]!, { ...films[2]!, ...kept }]
      assert.deepStrictEqual(idsOf(planOf(with3, 100, unlimited, true)), ["2"], JSON.stringify(kept))
    }
    const capped = planOf(films, 100, { ...unlimited, items: 1 }, true)
    assert.deepStrictEqual(idsOf(capped), ["2"])
    assert.strictEqual(capped.limitedBy, "caps")
  })

  it("follows a film from one collection into the next, so that neither is split", () => {
    const chained = [
      movie(10, 0.9, { collections: ["A"] }),
      movie(10, 0.5, { collections: ["A", "B"] }),
      movie(10, 0.2, { collections: ["B"] })
    ]
    assert.deepStrictEqual(idsOf(planOf(chained, 5, unlimited, true)).toSorted(), ["1", "2", "3"])
    const kept = [...chained.slice(0, 2), { ...chained[2]!, status: "protected" as const }]
    assert.deepStrictEqual(idsOf(planOf(kept, 5, unlimited, true)), [])
  })

  it("plans no more than needed except for the last unit, within the limits, with complete collections and no duplicates", () => {
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 14 }),
        fc.nat(200),
        fc.record({ items: fc.constantFrom(2, 5, unlimited.items), bytes: fc.constantFrom(40, unlimited.bytes) }),
        fc.boolean(),
        (entries, needed, allowance, together) => {
          const result = planOf(entries, needed, allowance, together)
          const ids = idsOf(result)
          const of = (id: string) => entries[Number(id) - 1]!
          assert.strictEqual(new Set(ids).size, ids.length, "nothing twice")
          assert.isAtMost(ids.length, allowance.items)
          assert.isAtMost(result.plannedBytes, allowance.bytes)
          assert.strictEqual(
            result.plannedBytes,
            ids.reduce((sum, id) => sum + of(id).size, 0)
          )
          assert.deepStrictEqual(
            result.items.map((item) => item.position),
            ids.map((_, index) => index + 1)
          )
          for (const id of ids) {
            assert.strictEqual(of(id).status, "candidate")
            assert.isAbove(of(id).rank, 0)
            assert.strictEqual(of(id).group, "1")
            assert.isFalse(of(id).blocked)
          }
          if (together) {
            for (const [index, entry] of entries.entries()) {
              const partner = ids.find((id) => of(id).collections.some((name) => entry.collections.includes(name)))
              if (partner !== undefined)
                assert.include(ids, String(index + 1), `missing from the collection of ${partner}`)
            }
          }
          const last = result.items[result.items.length - 1]
          if (last !== undefined) {
            const unit = result.items.filter((item) =>
              last.collection === null ? item === last : item.collection === last.collection
            )
            const before = result.plannedBytes - unit.reduce((sum, item) => sum + item.decision.item.sizeBytes, 0)
            assert.isBelow(before, needed, "enough was removed before the last unit")
          }
          assert.strictEqual(result.limitedBy === null, result.plannedBytes >= needed)
        }
      ),
      { numRuns: 400 }
    )
  })
})
