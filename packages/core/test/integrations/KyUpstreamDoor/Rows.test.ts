import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { ArraySplitter } from "../../../src/integrations/KyUpstreamDoor/Rows.ts"

const split = (text: string, sizes: ReadonlyArray<number>) => {
  const bytes = new TextEncoder().encode(text)
  const splitter = new ArraySplitter()
  const parts: Array<string> = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    parts.push(...splitter.push(bytes.subarray(at, at + size)))
    at += size
  }
  return { parts, splitter }
}

describe("a JSON array cut into its elements", () => {
  it("gives every element of any array, however its bytes arrive", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 2),
        (values, sizes, indent) => {
          const { parts, splitter } = split(JSON.stringify(values, null, indent), sizes)
          assert.isNull(splitter.fault)
          assert.isTrue(splitter.closed)
          assert.deepStrictEqual(
            parts.map((part) => JSON.parse(part)),
            JSON.parse(JSON.stringify(values))
          )
        }
      ),
      { numRuns: 500 }
    )
  })

  it("never calls a cut array whole", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (values, at) => {
        const text = JSON.stringify(values)
        const cut = text.slice(0, at % text.length)
        assert.isFalse(split(cut, [7]).splitter.closed)
      })
    )
  })

  for (const [text, why] of [
    ["{}", "not a list"],
    ['"text"', "not a list"],
    ["[1,,2]", "an empty element"],
    ["[1,]", "an empty element"],
    ["[1}", "closed by another bracket"],
    ["[1] [2]", "two lists"]
  ] as const) {
    it(`finds fault with ${why}: ${text}`, () => {
      assert.isNotNull(split(text, [3]).splitter.fault)
    })
  }

  it("takes an empty array, spaces and a byte order mark", () => {
    const { parts, splitter } = split("\uFEFF \n[ ] \n", [2])
    assert.deepStrictEqual(parts, [])
    assert.isNull(splitter.fault)
    assert.isTrue(splitter.closed)
  })
})
