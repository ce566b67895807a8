/** Whether a whole or its parts are removed: never both, depending on the options of the integration. */
import { assert, describe, it } from "@effect/vitest"
import { decide } from "../../src/capacity/Decision.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import { environmentOf, itemOnDisk, liveIntegration } from "./Worlds.ts"

const units = [
  ["show", "season"],
  ["artist", "album"],
  ["author", "book"]
] as const satisfies ReadonlyArray<readonly [ItemKind, ItemKind]>

describe.each(units)("The unit of a %s and its %ss", (whole, part) => {
  const parent = { ...itemOnDisk("1", 300), kind: whole }
  const children = ["2", "3"].map((id) => ({ ...itemOnDisk(id, 150), kind: part, parentExternalId: parent.externalId }))
  const bare = { ...itemOnDisk("4", 100), kind: whole }
  const items = [parent, ...children, bare]
  const why = (wholeShows: boolean) => {
    const live = new Map([["1", liveIntegration("1", { wholeShows }, [whole, part])]])
    const environment = environmentOf(items, { live })
    return items.map((item) => {
      const { because, status } = decide(environment, item)
      return status === "irremovable" ? because : "it may go"
    })
  }

  it("is the part by default", () => {
    const byParts = `Its ${part}s are removed one by one`
    assert.deepStrictEqual(why(false), [byParts, "it may go", "it may go", byParts], "also if none of them exists")
  })

  it("is the whole if the option is set", () => {
    const not = `Whole ${whole}s are removed, not ${part}s`
    assert.deepStrictEqual(why(true), ["it may go", not, not, "it may go"])
  })
})
