import { assert, describe, it } from "vitest"
import { lostShare } from "../../src/library/Sync/Disappearance.ts"
import { catalogItem, playback, request, serverItem } from "./Samples.ts"

const at = "2026-01-01T00:00:00.000Z"
const movies = (...ids: ReadonlyArray<string>) => ids.map((externalId) => catalogItem({ externalId }))

describe("Disappearance", () => {
  it("computes the share of the missing items, regardless of added ones", () => {
    assert.deepStrictEqual(lostShare("catalog", new Set(["1", "2", "3", "4"]), movies("1", "2", "3", "9", "10")), {
      before: 4,
      lost: 1,
      share: 0.25,
      noun: "items"
    })
    assert.strictEqual(lostShare("catalog", new Set(["1", "2"]), movies("2", "1"))?.lost, 0)
    assert.strictEqual(lostShare("catalog", new Set(["1", "2"]), [])?.share, 1)
  })

  it("does not apply to a first reading or to disks", () => {
    assert.isNull(lostShare("catalog", new Set(), movies("1")))
    assert.isNull(lostShare("playback", [], [playback("a", { ann: 1 }, at)]))
    assert.isNull(lostShare("disks", { disks: [], rootFolders: [] }, { disks: [], rootFolders: [] }))
  })

  it("recognises entries by their keys, not by their content", () => {
    const items = [serverItem({ serverItemId: "a", title: "Before" }), serverItem({ serverItemId: "b" })]
    assert.strictEqual(lostShare("serverItems", items, [serverItem({ serverItemId: "a", title: "After" })])?.share, 0.5)
    const plays = [
      playback("a", { ann: 3 }, at),
      playback("a", { ann: 3 }, at, { kind: "season", seasonNumber: 1 }),
      playback("a", { ann: 3 }, at, { kind: "season", seasonNumber: 2 })
    ]
    const fewer = [playback("a", { ann: 9 }, at), playback("a", { ann: 3 }, at, { kind: "season", seasonNumber: 1 })]
    assert.deepStrictEqual(lostShare("playback", plays, fewer), {
      before: 3,
      lost: 1,
      share: 1 / 3,
      noun: "played titles"
    })
    assert.strictEqual(lostShare("requests", [request([], ["Ann"])], [])?.noun, "requests")
  })
})
