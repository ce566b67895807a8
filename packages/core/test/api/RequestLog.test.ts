import { assert, describe, it } from "vitest"
import { localPrincipal } from "../../src/access/Scope.ts"
import { lineOf } from "../../src/api/Observed/RequestLog.ts"

const record = {
  id: "1",
  mount: "native",
  method: "GET",
  route: "/api/v1/items",
  principal: localPrincipal,
  status: 200,
  bytes: 12
}

const lineFor = (url: string, changes: Partial<typeof record> = {}) =>
  lineOf({ ...record, ...changes }, { url, status: 200, millis: 1.26, address: "::1" })

describe("The line of a request", () => {
  it("has a readable request first, then key-value pairs", () => {
    assert.strictEqual(
      lineFor("/api/v1/items?sort=size"),
      "GET /api/v1/items?sort 200 ms=1.3 bytes=12 mount=native route=/api/v1/items client=::1 principal=local request=1"
    )
  })

  it("contains the names of query parameters once each, and none of their values", () => {
    for (const [query, shown] of [
      ["?", ""],
      ["?apikey=secret", "?apikey"],
      ["?filter[kind]=secret&filter[kind]=secret", "?filter[kind]"],
      ["?secret", "?…"],
      ["?secret&%73ecret=1&secret%20=2", "?…"],
      [`?${"secret".repeat(9)}=1`, "?…"],
      ["?token=secret?secret=1", "?token"],
      ["?token=secret#secret", "?token"]
    ] as const) {
      const line = lineFor(`/a${query}`)
      assert.isTrue(line.startsWith(`GET /a${shown} 200 `), line)
      assert.notInclude(line, "ecret")
    }
  })

  it("is one line of limited length for any request", () => {
    const line = lineFor(`/a\n[00:00:00] INFO: forged\u001b[31m${"x".repeat(10_000)}`, { method: "M".repeat(400) })
    assert.match(line, /^[ -~…]+$/)
    assert.isBelow(line.length, 900)
  })
})
