import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type DiskState, pressureOf } from "../../src/capacity/DiskGroup.ts"

const terabyte = 1_000_000_000_000

const disk = (given: Partial<DiskState> = {}): DiskState => ({
  totalBytes: 2 * terabyte,
  freeBytes: 0.2 * terabyte,
  totalBytesOverride: null,
  limits: { type: "percent", threshold: 85, target: 75 },
  ...given
})

describe("DiskGroup", () => {
  it("reproduces the worked examples of Capacitarr's definition", () => {
    const breached = pressureOf(disk())
    assert.strictEqual(breached.usedPercent, 90)
    assert.isTrue(breached.breached)
    assert.strictEqual(breached.bytesToFree, 300_000_000_000)
    const hold = pressureOf(disk({ limits: { type: "percent", threshold: 85, target: 70 } }))
    assert.strictEqual(hold.bytesToFree, 400_000_000_000)
    const exactly = pressureOf(disk({ freeBytes: 0.3 * terabyte }))
    assert.strictEqual(exactly.usedPercent, 85)
    assert.isTrue(exactly.breached, "the threshold itself is too full")
    assert.strictEqual(exactly.bytesToFree, 200_000_000_000)
    const override = pressureOf(disk({ totalBytesOverride: 2.5 * terabyte }))
    assert.strictEqual(override.usedPercent, 72)
    assert.isFalse(override.breached)
    assert.strictEqual(override.bytesToFree, 0)
    assert.strictEqual(override.bytesAboveTarget, -75_000_000_000)
  })

  it("counts free bytes against limits in bytes", () => {
    const limits = { type: "free-bytes", threshold: 0.3 * terabyte, target: 0.5 * terabyte } as const
    const full = pressureOf(disk({ limits }))
    assert.isTrue(full.breached)
    assert.strictEqual(full.bytesToFree, 0.3 * terabyte)
    assert.isTrue(pressureOf(disk({ limits, freeBytes: 0.3 * terabyte })).breached, "the threshold itself")
    const between = pressureOf(disk({ limits, freeBytes: 0.4 * terabyte }))
    assert.isFalse(between.breached)
    assert.strictEqual(between.bytesToFree, 0)
    assert.strictEqual(between.bytesAboveTarget, 0.1 * terabyte)
    // With an overridden capacity, less is free than the mount reports.
    assert.strictEqual(pressureOf(disk({ limits, totalBytesOverride: 1.9 * terabyte })).bytesToFree, 0.4 * terabyte)
  })

  it("has nothing to free on a disk without a size", () => {
    assert.deepStrictEqual(pressureOf(disk({ totalBytes: 0, freeBytes: 0 })), {
      effectiveTotal: 0,
      usedBytes: 0,
      usedPercent: 0,
      breached: false,
      bytesToFree: 0,
      bytesAboveTarget: 0
    })
  })

  it("reaches the target, below the threshold, by freeing exactly the computed bytes", () => {
    const sizes = fc
      .tuple(fc.integer({ min: 1, max: 40 * terabyte }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([totalBytes, share]) => ({ totalBytes, freeBytes: Math.floor(totalBytes * share) }))
    const percent = fc
      .tuple(fc.integer({ min: 1, max: 98 }), fc.integer({ min: 1, max: 98 }))
      .map(([target, more]) => ({
        type: "percent" as const,
        target,
        threshold: Math.min(99, target + more)
      }))
    const freeBytes = fc
      .tuple(fc.nat(terabyte), fc.integer({ min: 1, max: terabyte }))
      .map(([threshold, more]) => ({ type: "free-bytes" as const, threshold, target: threshold + more }))
    fc.assert(
      fc.property(sizes, fc.oneof(percent, freeBytes), (size, limits) => {
        fc.pre(limits.type === "percent" || limits.target <= size.totalBytes)
        const before = pressureOf(disk({ ...size, limits }))
        assert.strictEqual(before.bytesToFree > 0, before.breached)
        assert.isTrue(Number.isInteger(before.bytesToFree))
        if (!before.breached) return
        const after = pressureOf(disk({ ...size, freeBytes: size.freeBytes + before.bytesToFree, limits }))
        assert.isAtMost(after.bytesAboveTarget, 0)
        assert.isAbove(after.bytesAboveTarget, -2, "no byte more than needed")
      }),
      { numRuns: 500 }
    )
  })
})
