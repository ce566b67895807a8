import { assert, describe, it } from "vitest"
import { matchesEtag, versionIn, versionTag } from "../../src/problems/IfMatch.ts"

describe("If-Match", () => {
  it("matches the current tag, one of several, or any", () => {
    for (const header of ['"general-3"', ' "general-3" ', '"other", "general-3"', "*", 'W/"general-3"']) {
      assert.isTrue(matchesEtag(header, '"general-3"'), header)
    }
    for (const header of ['"general-4"', "general-3", "", '"general-3" "x"', '"*"']) {
      assert.isFalse(matchesEtag(header, '"general-3"'), header)
    }
  })

  it("names the version of a resource whose tag is its version", () => {
    assert.strictEqual(versionIn(versionTag({ version: 3 })), 3)
    assert.strictEqual(versionIn('W/"3"'), 3)
    assert.isUndefined(versionIn(undefined))
    assert.isUndefined(versionIn(" * "))
    for (const header of ["3", '"three"', '"3", "4"', "", '"-1"', '"1234567890123456"']) {
      assert.isNull(versionIn(header), header)
    }
  })
})
