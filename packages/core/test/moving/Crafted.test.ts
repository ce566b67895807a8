/** Files that somebody has crafted: what they contain is refused record by record, and nothing breaks. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { condition, maintainerrDatabase, value } from "./MaintainerrDatabase.ts"
import { apply, entries, installed, preview } from "./MovingTest.ts"
import { prunerrDatabase } from "./PrunerrDatabase.ts"

const group = (id: number) => ({ id, name: `Group ${id}`, libraryId: "1", dataType: "movie", collectionId: id })
const collection = (id: number) => ({
  id,
  libraryId: "1",
  title: `C${id}`,
  arrAction: 0,
  deleteAfterDays: 30,
  type: "movie"
})
const deep = `${'{"kind":"group","logic":"NOT","children":['.repeat(10_000)}{"field":"title","operator":"equals","value":"x"}${"]}".repeat(10_000)}`

describe("A crafted file", () => {
  it.effect("with a chain of ten thousand conditions costs that rule alone", () =>
    installed(
      Effect.gen(function* () {
        const chain = Array.from({ length: 10_000 }, (_, index) => ({
          ruleGroupId: 1,
          ruleJson: condition([0, 5], 0, { ...value(0, "3"), operator: String(index % 2) })
        }))
        const file = maintainerrDatabase({
          rule_group: [group(1), group(2)],
          collection: [collection(1), collection(2)],
          rules: [...chain, { ruleGroupId: 2, ruleJson: condition([0, 5], 0, value(0, "3")) }]
        })
        const { id } = yield* preview("maintainerr", file, { library: ["1=Movies"] })
        const rules = yield* entries(id, "rules")
        assert.deepStrictEqual(
          rules.map(({ outcome }) => outcome),
          ["not-carried", "create"]
        )
        assert.isNotNull((yield* apply(id)).appliedAt)
      })
    )
  )

  it.effect("with a tree that is ten thousand deep costs that rule alone", () =>
    installed(
      Effect.gen(function* () {
        const rule = (name: string, conditions: string) => ({ name, conditions, action: "delete", media_type: "movie" })
        const file = prunerrDatabase({
          rules: [rule("Deep", deep), rule("Deep, too", JSON.stringify({ version: 2, root: deep }))]
        })
        const { id } = yield* preview("prunerr", file)
        const rules = yield* entries(id, "rules")
        assert.deepStrictEqual(
          rules.map(({ outcome }) => outcome),
          ["not-carried", "not-carried"]
        )
      })
    )
  )

  it.effect("with values of other types than those of the product is read, and carries nothing wrong over", () =>
    installed(
      Effect.gen(function* () {
        const odd = [new Uint8Array([1, 2, 3]), "rubbish", -1, 1e300, "", "\u0000", "[[]]", "null", "9".repeat(400)]
        const file = maintainerrDatabase({
          rule_group: odd.map((one, index) => ({
            ...group(index + 1),
            name: `G${index}`,
            dataType: one,
            libraryId: one
          })),
          collection: odd.map((one, index) => ({
            ...collection(index + 1),
            deleteAfterDays: one,
            arrAction: one,
            type: one
          })),
          rules: odd.map((one, index) => ({ ruleGroupId: index + 1, ruleJson: one, section: one })),
          exclusion: odd.map((one) => ({ mediaServerId: one, ruleGroupId: one, parent: one, type: one })),
          collection_media: odd.map((one) => ({ collectionId: one, mediaServerId: one, tmdbId: one, addDate: one })),
          collection_log: odd.map((one) => ({ collectionId: one, timestamp: one, message: one, type: one }))
        })
        const { id } = yield* preview("maintainerr", file)
        for (const section of ["rules", "protections", "removals"] as const) {
          for (const entry of yield* entries(id, section)) assert.strictEqual(entry.outcome, "not-carried", entry.title)
        }
        assert.isNotNull((yield* apply(id)).appliedAt)
      })
    )
  )
})
