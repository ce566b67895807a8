/** Items that may be in a protected collection. */
import { assert, describe, it } from "@effect/vitest"
import { decide, unsureKeeping } from "../../src/capacity/Decision.ts"
import type { Protection, Protecting } from "../../src/library/Protections.ts"
import { plainData } from "../library/Samples.ts"
import { diskGroup, environmentOf, itemOnDisk } from "./Worlds.ts"

const protection: Protection = {
  id: "1",
  target: "collection",
  itemId: null,
  collection: "Keepers",
  title: "Keepers",
  reason: "",
  actor: "ann",
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: null
}
const byCollection: Protecting = Object.assign(
  ({ collections }: { readonly collections: ReadonlyArray<string> }) =>
    collections.includes("Keepers") ? protection : undefined,
  { byCollection: true }
)

describe("An item whose collections are unknown", () => {
  const item = itemOnDisk("1", 100)
  const found = {
    ...itemOnDisk("2", 100),
    data: { ...plainData, onServers: [{ integrationId: "9", serverItemId: "a", library: "Films" }] }
  }

  it("is undecided while any collection is protected, also if a person requests its removal", () => {
    const environment = environmentOf([item, found], { protecting: byCollection })
    assert.strictEqual(decide(environment, item).status, "undecided")
    assert.include(decide(environment, item).undecidedBecause, "collections")
    assert.deepStrictEqual(unsureKeeping(environment, item), ["collections"])
    assert.notInclude(decide(environment, found).undecidedBecause, "collections")
    assert.deepStrictEqual(unsureKeeping(environment, found), [])
  })

  it("is decided if no collection is protected, or if unknown collections are allowed", () => {
    const groups = new Map([["1", diskGroup({ allowedUnknown: ["collections"] })]])
    for (const given of [{}, { protecting: byCollection, groups }]) {
      const environment = environmentOf([item, found], given)
      assert.notInclude(decide(environment, item).undecidedBecause, "collections")
      assert.deepStrictEqual(unsureKeeping(environment, item), [])
    }
  })
})
