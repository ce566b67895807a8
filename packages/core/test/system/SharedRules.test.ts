/** Rules as YAML: what is shared is what is imported, and what is not understood is named. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parse } from "effect/encoding/Yaml"
import * as fc from "fast-check"
import { Rules } from "../../src/rules/Rules.ts"
import { SharedRules } from "../../src/system/SharedRules.ts"
import { toYaml } from "../../src/system/Yaml.ts"
import { group, leaf } from "../rules/Samples.ts"
import { FakeLibrary } from "../support/FakeLibrary.ts"
import { connectFakes, stackTest } from "../support/Stack.ts"

const create = Effect.gen(function* () {
  const { shelf } = yield* connectFakes()
  const rules = yield* Rules
  yield* rules.create({
    name: 'Old: "never" seen #1',
    enabled: true,
    effect: "act",
    condition: group("AND", leaf("year", "<", 1980), group("NOT", leaf("genres", "containsAny", ["yes", "Sci-Fi: 2"]))),
    scope: { integrationIds: [shelf], itemKinds: ["movie"] },
    action: { type: "remove", graceDays: 3, approval: true },
    priority: 7
  })
  yield* rules.create({
    name: "Kept",
    enabled: false,
    effect: "always-keep",
    condition: leaf("tags", "contains", "keep")
  })
})

const sharing = Effect.flatMap(SharedRules, (shared) => shared.share())

const importing = (text: string, dryRun = false) =>
  Effect.flatMap(SharedRules, (shared) => shared.import(text, { dryRun }))

const contents = Effect.flatMap(Rules, (rules) =>
  Effect.map(rules.list, (all) => all.map(({ createdAt: _c, id: _i, updatedAt: _u, version: _v, ...rule }) => rule))
)

const faultsOf = (text: string) =>
  Effect.map(Effect.flip(importing(text)), ({ errors }) => errors.map(({ path }) => path.join(".")))

describe("Shared rules", () => {
  it.effect("are the same in another installation, and name integrations instead of ids", () =>
    Effect.gen(function* () {
      const [text, before] = yield* Effect.provide(
        Effect.andThen(create, Effect.all([sharing, contents])),
        stackTest(new FakeLibrary())
      )
      assert.match(text, /integrations: \[Shelf\]/)
      yield* Effect.gen(function* () {
        yield* connectFakes()
        const tried = yield* importing(text, true)
        assert.deepStrictEqual(
          tried.changes.map(({ change, name }) => [change, name]),
          [
            ["add", 'Old: "never" seen #1'],
            ["add", "Kept"]
          ]
        )
        assert.deepStrictEqual(yield* contents, [])
        yield* importing(text)
        assert.deepStrictEqual(yield* contents, before)
        assert.deepStrictEqual((yield* importing(text)).changes, [])
      }).pipe(Effect.provide(stackTest(new FakeLibrary())))
    })
  )

  it.effect("are refused completely, with the name of every unknown field", () =>
    Effect.gen(function* () {
      const head = "format: tendarr-rules\nformatVersion: 1\nrules:\n"
      const rule =
        "  - name: A\n    effect: act\n    condition: {kind: condition, field: year, operator: <, value: 1980}\n"
      const good = `${head}${rule}    action: {type: report}\n`
      assert.sameMembers(yield* faultsOf(`${good}    graceDays: 3\n`), ["payload.rules.0.graceDays"])
      assert.sameMembers(yield* faultsOf(`${head}${rule}    action: {type: remove, days: 3}\n`), [
        "payload.rules.0.action.days"
      ])
      assert.sameMembers(yield* faultsOf(`${head}${rule}`), ["payload.rules.0.action"])
      assert.sameMembers(yield* faultsOf(`${good}more: 1\n`), ["payload.more"])
      assert.sameMembers(yield* faultsOf(good.replace("formatVersion: 1", "formatVersion: 2")), [
        "payload.formatVersion"
      ])
      assert.sameMembers(yield* faultsOf(good.replace("year", "yaer")), ["payload.rules.0.condition.field"])
      assert.sameMembers(yield* faultsOf("a: [1\n  b: {"), ["payload.document"])
      assert.deepStrictEqual(yield* contents, [])
      assert.strictEqual((yield* importing(good)).changes.length, 1)
    }).pipe(Effect.provide(stackTest(new FakeLibrary())))
  )
})

describe("toYaml", () => {
  it("is read back as it was", () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom("yes", "1", "-", "a: b", " x")
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.dictionary(fc.constantFrom("a", "b c", "no", "field-2"), tie("node"), { maxKeys: 3 }),
        // A list of lists is not needed by any document, and the parser does not read its compact form.
        fc.array(fc.oneof(scalar, fc.dictionary(fc.constantFrom("k", "l"), tie("node"), { minKeys: 1, maxKeys: 2 })), {
          maxLength: 3
        })
      )
    })).node
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("top", "rules"), value, { minKeys: 1 }), (document) => {
        assert.deepEqual(JSON.parse(JSON.stringify(parse(toYaml(document)))), JSON.parse(JSON.stringify(document)))
      })
    )
  })
})
