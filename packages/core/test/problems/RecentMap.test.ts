import { assert, describe, it } from "@effect/vitest"
import { RecentMap } from "../../src/problems/RecentMap.ts"

describe("RecentMap", () => {
  it("drops what was not used for a while, also by the use of something else", () => {
    const map = new RecentMap<string, number>({ maximum: 100, idleMillis: 1_000 })
    for (let index = 0; index < 50; index += 1) map.set(`key ${index}`, index, 0)
    map.set("key 7", 7, 500)
    map.drop(999)
    assert.strictEqual(map.size, 50)
    map.set("new", 1, 1_000)
    assert.strictEqual(map.size, 2)
    assert.strictEqual(map.get("key 7"), 7)
    assert.isUndefined(map.get("key 8"))
  })

  it("drops the least recently used entry beyond its maximum", () => {
    const map = new RecentMap<string, number>({ maximum: 2, idleMillis: 1_000 })
    map.set("a", 1, 0)
    map.set("b", 2, 0)
    map.set("a", 3, 0)
    map.set("c", 4, 0)
    assert.deepStrictEqual([map.get("a"), map.get("b"), map.get("c")], [3, undefined, 4])
  })

  it("drops nothing that is held, neither by time nor by number", () => {
    const held = new Set([1, 2])
    const map = new RecentMap<string, number>({ maximum: 2, idleMillis: 1_000, held: (value) => held.has(value) })
    map.set("a", 1, 0)
    map.set("b", 2, 0)
    map.set("c", 3, 5_000)
    assert.deepStrictEqual([map.get("a"), map.get("b"), map.get("c")], [1, 2, undefined])
    held.clear()
    map.drop(5_000)
    assert.strictEqual(map.size, 0)
  })
})
