/** Files that somebody has crafted: what they contain is refused record by record, and nothing breaks. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cleanuparrDatabase } from "./CleanuparrDatabase.ts"
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

  it.effect(
    "of Cleanuparr with odd values, deep values and many rows breaks nothing, and only what keeps is made",
    () =>
      installed(
        Effect.gen(function* () {
          const odd = new Uint8Array([1, 2, 3])
          const many = Array.from({ length: 400 }, (_, index) => `name ${index}`)
          const file = cleanuparrDatabase({
            arr_configs: [{ id: "1", type: "constructor" }],
            arr_instances: Array.from({ length: 300 }, (_, index) => ({
              id: String(index),
              arr_config_id: "1",
              name: odd,
              url: index,
              api_key: odd
            })),
            download_clients: [{ id: "1", name: "", type_name: "qbittorrent", host: "file:///etc/passwd" }],
            stall_rules: [
              {
                id: "1",
                name: "Odd",
                privacy_type: "constructor",
                max_strikes: "many",
                min_completion_percentage: odd
              },
              { id: "2", name: "", max_strikes: -5, max_completion_percentage: "x" }
            ],
            slow_rules: [
              { id: "1", name: "Odd", min_speed: "1e999KB", max_time_hours: -1, ignore_above_size: "9".repeat(400) }
            ],
            queue_cleaner_configs: [
              {
                id: "Q",
                cron_expression: odd,
                failed_import_max_strikes: 1e12,
                failed_import_patterns: JSON.stringify(many),
                ignored_downloads: `["a",{"b":${"[".repeat(5000)}${"]".repeat(5000)}},7]`
              }
            ],
            general_configs: [{ id: "G", ignored_downloads: JSON.stringify(many) }]
          })
          const { counts, id } = yield* preview("cleanuparr", file)
          const connections = counts.find(({ section }) => section === "connections")
          assert.deepInclude(connections, { create: 0, notCarried: 200 })
          assert.deepStrictEqual(
            (yield* entries(id, "rules")).map(({ outcome, title }) => [title, outcome]),
            [
              ["Odd", "not-carried"],
              ["stalled", "not-carried"],
              ["Odd", "not-carried"],
              ["Failed imports", "not-carried"],
              ["Ignored downloads", "create"]
            ]
          )
          assert.isNotNull((yield* apply(id)).appliedAt)

          const nested = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`
          const text = `{"queue_cleaner":{"failedImport":${nested},"cronExpression":${nested}},"stall":[{"name":${nested}}],"radarr":{"instances":[${nested}]},"other":${nested}}`
          const deepest = yield* preview("cleanuparr", new TextEncoder().encode(text))
          assert.isNotNull((yield* apply(deepest.id)).appliedAt)
        })
      )
  )
})
