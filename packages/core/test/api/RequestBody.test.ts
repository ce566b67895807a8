import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { nestsDeeperThan } from "../../src/api/RequestBody.ts"

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

describe("The depth of a JSON text", () => {
  it("is that of the value, whatever its strings contain", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6, noUnicodeString: false }),
        fc.nat(8),
        fc.nat(4),
        (value, most, indent) => {
          const text = JSON.stringify(value, null, indent)
          assert.strictEqual(nestsDeeperThan(text, most), depthOf(JSON.parse(text)) > most)
        }
      )
    )
  })

  it("does not count brackets in strings, after any escapes", () => {
    for (const inner of ['"[[[["', '"\\"[[[["', '"\\\\"', '"\\\\\\"{{{{"', '"\\u005b{{{"']) {
      assert.isFalse(nestsDeeperThan(`[${inner}]`, 1), inner)
      assert.isTrue(nestsDeeperThan(`[[${inner}]]`, 1), inner)
    }
  })
})
