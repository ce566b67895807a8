import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Engine } from "../../src/capacity/Engine.ts"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { RuleVocabulary, vocabularyOf } from "../../src/rules/Vocabulary.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { trace } from "../../src/rules/ConditionTrace.ts"
import type { RuleDefinition } from "../../src/rules/Rule.ts"
import { matchesOf } from "../../src/rules/RuleMatches.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { ruleSubject } from "../../src/rules/RuleSubject.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import { RulesInForce } from "../../src/rules/RulesInForce.ts"
import { RuleViews } from "../../src/rules/RuleViews.ts"
import { forEachSheet } from "../../src/rules/SubjectSheets.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { prepare, shelfOf } from "../capacity/Shelf.ts"
import { feedTest } from "../library/Feeds.ts"
import { at, leaf, now } from "./Samples.ts"
import { type Sample, sampleSubject } from "./subjects/Sample.ts"

const subjectWith = Effect.map(Ref.make<ReadonlyArray<ReadonlyArray<string>>>([]), (asked) => ({
  asked,
  sample: sampleSubject(asked, new Map([["2", ["chipped", "found in May"]]]))
}))
const { asked, sample } = Effect.runSync(subjectWith)

const withSamples = feedTest(shelfOf(3)).pipe(Layer.provide(RuleSubjects.layerWith([sample])))

const rule = (name: string, effect: string, condition: RuleDefinition["condition"]): RuleDefinition => ({
  subject: "sample",
  name,
  enabled: true,
  effect,
  condition
})

const samples: ReadonlyArray<Sample> = [
  { id: "1", label: "Basalt", weight: 900 },
  { id: "2", label: "Granite", weight: 20 },
  { id: "3", label: "Marble", weight: undefined }
]
const targetOf = ({ id }: Sample) => ({ id, integrationId: "laboratory", kind: "stone" })

const sheetsFor = <Result>(
  facts: Iterable<"label" | "weight" | "notes">,
  visit: (
    sample: Sample,
    sheet: Parameters<Parameters<typeof forEachSheet<"label" | "weight" | "notes", Sample, { at: string }>>[2]>[1]
  ) => Result,
  things = samples
) =>
  Effect.gen(function* () {
    const results: Array<Result> = []
    const given = { things, idOf: ({ id }: Sample) => id, context: { at }, facts }
    yield* forEachSheet(sample, given, (thing, sheet) => results.push(visit(thing, sheet)))
    return results
  })

describe("An external subject of rules", () => {
  it.effect("has rules that are true, false or unknown, with explanations", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const { id } = yield* rules.create(rule("Heavy ones go", "THROW_AWAY", leaf("weight", ">", 500)))
      yield* rules.create(rule("Light ones stay", "spare", leaf("weight", "<", 100)))
      assert.deepInclude(yield* rules.get(id), { subject: "sample", effect: "throw-away", position: 1 })
      const set = yield* rules.compiled(sample)
      const found = yield* sheetsFor(set.facts, (one, sheet) =>
        matchesOf(set, targetOf(one), sheet, now).map(
          ({
            application,
            rule: {
              rule: { name }
            },
            truth,
            unknown
          }) => [one.label, name, truth, application, ...unknown].join(" ")
        )
      )
      assert.deepStrictEqual(found, [
        ["Basalt Heavy ones go true applies"],
        ["Granite Light ones stay true applies"],
        ["Marble Heavy ones go unknown does-not-apply weight", "Marble Light ones stay unknown undecided weight"]
      ])
      const sentences = yield* sheetsFor(set.facts, (_, sheet) => {
        const traced = trace(set.rules[0]!.condition, sheet, now)
        return traced.kind === "condition" ? traced.sentence : ""
      })
      assert.deepStrictEqual(sentences, [
        "Met: Weight is greater than 500 g. It is 900 g.",
        "Not met: Weight is greater than 500 g. It is 20 g.",
        "Unknown: Weight is greater than 500 g. nobody weighed it"
      ])
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("can be tried on given facts, and lists the fields that its rules may use", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const rules = yield* Rules
      const request = { subject: "sample", condition: leaf("weight", ">", 500), effect: "throw-away" }
      const heavy = yield* trial.evaluate({ ...request, facts: { weight: 501 } })
      assert.deepInclude(heavy, { truth: "true", application: "applies", effect: "throw-away", modifier: null })
      const unknown = yield* trial.evaluate({ ...request, facts: { weight: { unknown: "the scales are away" } } })
      assert.deepInclude(unknown, { truth: "unknown", unknown: ["weight"], application: "does-not-apply" })
      const vocabulary = vocabularyOf(yield* rules.subject("sample", []), rules.subjects)
      assert.deepStrictEqual(
        Schema.decodeUnknownSync(RuleVocabulary)(JSON.parse(JSON.stringify(vocabulary))),
        vocabulary
      )
      assert.deepStrictEqual(vocabulary.subjects, ["item", "sample"])
      assert.deepStrictEqual(
        vocabulary.fields.map(({ name, ofPart, source, unit }) => [name, unit, source, ofPart]),
        [
          ["label", null, "the shelf", null],
          ["weight", "g", "the scales", null],
          ["notes", null, "the archive", null],
          ["noteCount", null, "the archive", null]
        ]
      )
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("has no preview if it does not list its things", () =>
    Effect.gen(function* () {
      const trial = yield* RuleTrial
      const rules = yield* Rules
      const vocabulary = vocabularyOf(yield* rules.subject("sample", []), rules.subjects)
      assert.isFalse(vocabulary.previewable)
      const refused = yield* Effect.flip(trial.preview({ subject: "sample", condition: leaf("weight", ">", 500) }))
      assert.deepInclude(refused, { _tag: "InvalidRequest" })
      assert.match(refused.message, /payload\.subject: rules about samples cannot be previewed/)
      const unknown = yield* Effect.flip(trial.preview({ subject: "sampel", condition: leaf("weight", ">", 500) }))
      assert.match(unknown.message, /payload\.subject: .+ did you mean sample\?/)
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("whose things cannot be listed because of a bug does not prevent reading or changing any rules", () => {
    const buggy = ruleSubject<"label", "spare", Sample, { readonly at: string }>({
      name: "buggy",
      title: "buggy things",
      effects: [{ name: "spare", description: "It is not touched.", keeps: true }],
      facts: { label: { ...sample.facts.label, named: "label" } },
      things: {
        list: Effect.die(new Error("a slip")),
        idOf: ({ id }) => id,
        titleOf: ({ label }) => label,
        targetOf: () => ({ integrationId: "", kind: "thing" })
      }
    })
    return Effect.gen(function* () {
      const rules = yield* Rules
      const views = yield* RuleViews
      const draft = { ...rule("Kept", "spare", leaf("label", "equals", "x")), subject: "buggy" }
      yield* rules.create(draft)
      yield* rules.create({ ...rule("Of items", "lean-keep", leaf("rating", ">", 8)), subject: "item" })
      assert.deepStrictEqual(
        (yield* views.list()).map(({ name, warnings }) => [name, warnings.length]),
        [
          ["Kept", 0],
          ["Of items", 0]
        ]
      )
    }).pipe(Effect.provide(feedTest(shelfOf(3)).pipe(Layer.provide(RuleSubjects.layerWith([buggy])))))
  })

  it.effect("refuses unknown fields, and suggests the nearest one", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const condition = leaf("label", "is", "Basalt")
      const refusals: ReadonlyArray<readonly [RuleDefinition, string, RegExp]> = [
        [{ ...rule("X", "mark", condition), subject: "sampel" }, "payload.subject", /did you mean sample\?/],
        [rule("X", "sparre", condition), "payload.effect", /did you mean spare\?/],
        [rule("X", "always-keep", condition), "payload.effect", /there are spare, throw-away, mark/],
        [rule("X", "mark", leaf("wieght", ">", 1)), "payload.condition.field", /did you mean weight\?/],
        [rule("X", "mark", leaf("sizeGb", ">", 1)), "payload.condition.field", /no field "sizeGb"/],
        [{ ...rule("X", "mark", condition), scope: { libraries: ["Films"] } }, "payload.scope.libraries", /samples/]
      ]
      for (const [draft, path, message] of refusals) {
        const error = yield* Effect.flip(rules.create(draft))
        assert.strictEqual(error._tag, "InvalidRequest")
        if (error._tag !== "InvalidRequest") continue
        assert.strictEqual(error.errors[0]?.path.join("."), path)
        assert.match(error.errors[0]?.message ?? "", message)
      }
      assert.lengthOf(yield* rules.list, 0)
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("has its own order of rules", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const views = yield* RuleViews
      const item = { name: "Of items", enabled: true, effect: "lean-keep", condition: leaf("rating", ">", 8) }
      const first = yield* rules.create(rule("First", "mark", leaf("label", "is", "x")))
      const other = yield* rules.create(item)
      const second = yield* rules.create(rule("Second", "mark", leaf("label", "is", "y")))
      assert.deepStrictEqual([first.position, other.position, second.position], [1, 1, 2])
      const ordered = yield* rules.reorder([second.id, first.id], "sample")
      assert.deepStrictEqual(
        ordered.map(({ name, position }) => [name, position]),
        [
          ["Second", 1],
          ["First", 2]
        ]
      )
      assert.deepStrictEqual(
        (yield* views.list("item")).map(({ name }) => name),
        ["Of items"]
      )
      assert.strictEqual((yield* Effect.flip(rules.reorder([first.id, second.id])))._tag, "InvalidRequest")
      assert.strictEqual((yield* Effect.flip(rules.reorder([], "sampel")))._tag, "InvalidRequest")
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("never affects a decision about an item, not even with a rule that cannot be read", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const engine = yield* Engine
      const inForce = yield* RulesInForce
      const snapshots = yield* Snapshots
      const sql = yield* SqlClient.SqlClient
      yield* prepare
      const decided = Effect.gen(function* () {
        const all = yield* engine.decideAll(yield* engine.environment)
        return all.map(({ item, rank, status, undecidedBecause }) => ({ id: item.id, rank, status, undecidedBecause }))
      })
      const before = yield* decided
      // It names no fact of items, and would keep every item with a label.
      const { id } = yield* rules.create(rule("Everything stays", "spare", leaf("label", "isNotEmpty")))
      assert.deepStrictEqual(yield* decided, before)
      const set = yield* inForce.over(yield* snapshots.get)
      assert.deepStrictEqual(
        set.rules.map((one) => one.rule.name),
        ["Film 2 stays"]
      )
      yield* sql`UPDATE rules SET condition = '{"kind":"condition","field":"gone","operator":"is"}' WHERE id = ${Number(id)}`
      yield* rules.reorder([id], "sample")
      assert.strictEqual((yield* Effect.flip(rules.compiled(sample)))._tag, "RulesUnreadable")
      assert.lengthOf((yield* rules.compiled(itemRules)).rules, 1)
      assert.deepStrictEqual(yield* decided, before)
    }).pipe(Effect.provide(withSamples))
  )

  it.effect("keeps its stored rules if the program no longer provides it, and reports that", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      const views = yield* RuleViews
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO rules ${sql.insert({
        subject: "sample",
        name: "Of another program",
        position: 1,
        enabled: 1,
        effect: "mark",
        condition: JSON.stringify(leaf("weight", ">", 1)),
        scope: "{}",
        version: 1,
        created_at: at,
        updated_at: at
      })}`
      const view = yield* views.get("1")
      assert.deepStrictEqual(view.warnings, ['Nothing here has rules about "sample", so that the rule is not asked'])
      assert.lengthOf((yield* rules.compiled(itemRules)).rules, 0)
    }).pipe(Effect.provide(feedTest(shelfOf(1))))
  )

  it.effect("loads heavy facts in batches, and only for rules that name them", () =>
    Effect.gen(function* () {
      const rules = yield* Rules
      yield* Ref.set(asked, [])
      yield* rules.create(rule("By weight", "mark", leaf("weight", ">", 1)))
      const light = yield* rules.compiled(sample)
      const many = Array.from({ length: 700 }, (_, index): Sample => ({ id: `${index}`, label: "x", weight: 1 }))
      const unasked = yield* sheetsFor(light.facts, (_, sheet) => sheet.get("notes")._tag, many)
      assert.deepStrictEqual([...new Set(unasked)], ["Unknown"])
      assert.lengthOf(yield* Ref.get(asked), 0)

      yield* rules.create(rule("By notes", "mark", leaf("noteCount", ">", 1)))
      const set = yield* rules.compiled(sample)
      assert.sameMembers([...set.facts], ["weight", "notes"])
      const matched = yield* sheetsFor(
        set.facts,
        (one, sheet) => [one.id, matchesOf(set, targetOf(one), sheet, now)] as const,
        many
      )
      assert.deepStrictEqual(
        matched.flatMap(([id, all]) => (all.some(({ truth }) => truth === "true") ? [id] : [])),
        ["2"]
      )
      const pieces = (yield* Ref.get(asked)).map((ids) => ids.length)
      assert.deepStrictEqual(pieces, [300, 300, 100])
    }).pipe(Effect.provide(withSamples))
  )

  it("cannot have the name of another subject", () => {
    for (const name of ["item", "no name", ""]) {
      const build = () => Effect.runSync(Effect.scoped(Layer.build(RuleSubjects.layerWith([{ ...sample, name }]))))
      assert.throws(build)
    }
  })
})
