import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { FactName } from "../../src/library/Facts.ts"
import { type Rule, RuleDefinition, type RuleScope } from "../../src/rules/Rule.ts"
import { type ItemRuleSet, itemRules, splitRules } from "../../src/rules/ItemRules.ts"
import {
  itemEffects,
  keeps,
  ModifierProduct,
  modifiers,
  type RuleEffect,
  ruleEffects
} from "../../src/rules/RuleEffect.ts"
import { applyRules } from "../../src/rules/RuleOutcome.ts"
import { compileRules, truthOfRule } from "../../src/rules/RuleSet.ts"
import { applicationOf } from "../../src/rules/RuleSubject.ts"
import { RuleTrace, traceRules } from "../../src/rules/RuleTrace.ts"
import { anyCondition, anyFacts, anySheet, type Facts, group, leaf, now, sheetOf, unknown, without } from "./Samples.ts"

const subject = { integrationId: "radarr-1", kind: "movie" } as const
const nothing: ReadonlySet<FactName> = new Set()

const rule = (effect: RuleEffect, condition: Rule["condition"], scope?: RuleScope, id: string = effect): Rule => ({
  id,
  name: id,
  enabled: true,
  effect,
  condition,
  ...(scope === undefined ? {} : { scope })
})

const setOf = (...rules: ReadonlyArray<Rule>): ItemRuleSet => {
  const result = compileRules(itemRules, rules)
  if (Result.isFailure(result)) throw new Error(JSON.stringify(result.failure))
  return splitRules(result.success)
}

const apply = (rules: ReadonlyArray<Rule>, facts: Facts, allowed: ReadonlySet<FactName> = nothing) =>
  applyRules(setOf(...rules), subject, sheetOf(facts), now, allowed)

const alien = leaf("title", "is", "Alien")
const watched = leaf("playCount", ">", 0)

const anyRule = fc
  .tuple(
    fc.constantFrom<RuleEffect>(...ruleEffects),
    anyCondition,
    fc.option(fc.constantFrom<RuleScope>({ collections: ["Drama"] }, { libraries: ["x"] }), { nil: undefined })
  )
  .map(([effect, condition, scope]) => rule(effect, condition, scope))
const anyRules = fc
  .array(anyRule, { maxLength: 4 })
  .map((rules) => rules.map((one, index) => ({ ...one, id: `${index}` })))

describe("RuleEffect", () => {
  it("is found in any spelling, and suggested if it is misspelt", () => {
    assert.deepStrictEqual(
      itemRules.effects.map((effect) => effect.name),
      [...itemEffects]
    )
    for (const effect of ruleEffects) {
      for (const spelling of [effect, effect.replace("-", "_"), effect.replace("-", "_").toUpperCase()]) {
        assert.strictEqual(itemRules.effectNamed(spelling)?.name, effect)
      }
    }
    assert.isUndefined(itemRules.effectNamed("sometimes_keep"))
    assert.strictEqual(itemRules.nearestEffect("allways_keep"), "always-keep")
  })

  it("has the modifiers of Capacitarr", () => {
    assert.deepStrictEqual(
      ruleEffects.map((effect) => modifiers[effect]),
      [1, 0.2, 0.5, 1.5, 3, 100]
    )
  })

  it("applies keeping effects also if the condition is unknown, and removing ones only if it is true", () => {
    for (const effect of itemRules.effects) {
      assert.strictEqual(applicationOf(effect, "true"), "applies")
      assert.strictEqual(applicationOf(effect, "false"), "does-not-apply")
      assert.strictEqual(
        applicationOf(effect, "unknown"),
        effect.name.endsWith("-keep") ? "undecided" : "does-not-apply"
      )
    }
  })
})

describe("RuleDefinition", () => {
  it("refuses names that are empty or longer than 120 characters", () => {
    const decode = Schema.decodeUnknownResult(RuleDefinition)
    const named = (name: string) => decode({ name, effect: "lean-keep", condition: alien })
    assert.isTrue(Result.isFailure(named("  ")))
    assert.isTrue(Result.isFailure(named("a".repeat(121))))
    assert.isTrue(Result.isSuccess(named("a".repeat(120))))
  })
})

describe("RuleSet", () => {
  it("multiplies the modifiers of the rules that match", () => {
    const rules = [
      rule("prefer-remove", alien),
      rule("lean-keep", watched),
      rule("lean-remove", leaf("year", ">", 2000))
    ]
    const outcome = apply(rules, { title: "Alien", playCount: 1, year: 1979 })
    assert.strictEqual(outcome.modifier, 1.5)
    assert.deepStrictEqual([...outcome.matched], ["prefer-remove", "lean-keep"])
    assert.isFalse(outcome.kept)
  })

  it("multiplies 160 rules without overflow or underflow, and the stronger set stays the stronger", () => {
    const many = (effect: RuleEffect, count: number) =>
      apply(
        Array.from({ length: count }, (_, index) => rule(effect, alien, undefined, `${effect} ${index}`)),
        { title: "Alien" }
      ).modifier
    for (const effect of ["prefer-keep", "lean-keep", "lean-remove", "prefer-remove", "always-remove"] as const) {
      let before = 1
      for (let count = 1; count <= 160; count += 1) {
        const modifier = many(effect, count)
        assert.isTrue(Number.isFinite(modifier) && modifier > 0, `${count} of ${effect}`)
        assert.isTrue(keeps(effect) ? modifier < before : modifier > before, `${count} of ${effect}`)
        before = modifier
      }
    }
  })

  it("has about the same product in any order of the rules", () => {
    const mixed = [...Array<number>(160).fill(100), ...Array<number>(160).fill(0.2), ...Array<number>(20).fill(1.5)]
    const productOf = (all: ReadonlyArray<number>) => {
      const product = new ModifierProduct()
      for (const modifier of all) product.multiply(modifier)
      return product.value
    }
    const interleaved = mixed.toSorted((a, b) => (a % 7) - (b % 7))
    assert.closeTo(productOf(mixed.toReversed()) / productOf(mixed), 1, 1e-9)
    assert.closeTo(productOf(interleaved) / productOf(mixed), 1, 1e-9)
    assert.strictEqual(productOf([3, 1.5, 0.2, 100]), 3 * 1.5 * 0.2 * 100)
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(modifiers)), { maxLength: 400 }), (all) => {
        const exponent = all.reduce((sum, modifier) => sum + Math.log10(modifier), 0)
        const value = productOf(all)
        assert.isTrue(Number.isFinite(value) && value > 0)
        if (Math.abs(exponent) < 99) assert.closeTo(Math.log10(value), exponent, 1e-6)
      })
    )
  })

  it("keeps what an always-keep rule keeps, in any order of the rules", () => {
    const rules = [rule("always-remove", alien), rule("always-keep", alien), rule("prefer-keep", watched)]
    const facts = { title: "Alien", playCount: unknown }
    for (const order of [rules, rules.toReversed()]) {
      const outcome = apply(order, facts)
      assert.isTrue(outcome.kept)
      assert.deepStrictEqual([...outcome.undecidedBecause], [])
    }
  })

  it("is undecided if a keeping rule is unknown, and names the fact", () => {
    const outcome = apply([rule("always-keep", watched), rule("prefer-keep", watched)], { playCount: unknown })
    assert.isFalse(outcome.kept)
    assert.deepStrictEqual([...outcome.undecidedBecause], ["playCount"])
    assert.deepStrictEqual([...outcome.matched], [])
    assert.strictEqual(outcome.modifier, 0.2)
  })

  it("does not remove by a rule that is unknown", () => {
    const outcome = apply([rule("always-remove", leaf("playCount", "==", 0))], { playCount: unknown })
    assert.deepStrictEqual(outcome, { modifier: 1, kept: false, undecidedBecause: [], matched: [] })
  })

  it("treats a rule as not matching if its unknown fact is allowed to be unknown", () => {
    const rules = [rule("prefer-keep", watched)]
    const outcome = apply(rules, { playCount: unknown }, new Set<FactName>(["playCount"]))
    assert.deepStrictEqual(outcome, { modifier: 1, kept: false, undecidedBecause: [], matched: [] })
  })

  it("stays undecided for unknown facts that are not allowed", () => {
    const condition = group("OR", watched, leaf("requested", "is", true))
    const outcome = apply(
      [rule("always-keep", condition)],
      { playCount: unknown, requested: unknown },
      new Set<FactName>(["playCount"])
    )
    assert.deepStrictEqual([...outcome.undecidedBecause], ["requested"])
  })

  it("applies only to the items of its scope", () => {
    const matches = (scope: RuleScope, facts: Facts = {}) =>
      apply([rule("lean-keep", alien, scope)], { title: "Alien", ...facts }).matched.length === 1
    assert.isTrue(matches({}))
    assert.isTrue(matches({ integrationIds: [], itemKinds: [], collections: [], libraries: [] }))
    assert.isTrue(matches({ integrationIds: ["radarr-1", "radarr-2"], itemKinds: ["movie"] }))
    assert.isFalse(matches({ integrationIds: ["radarr-2"] }))
    assert.isFalse(matches({ integrationIds: ["radarr-1"], itemKinds: ["show"] }))
    assert.isTrue(matches({ collections: ["alien collection"] }, { collections: ["Alien Collection", "Horror"] }))
    assert.isFalse(matches({ collections: ["Alien"] }, { collections: ["Alien Collection"] }))
    assert.isFalse(matches({ collections: ["Alien Collection"] }, { collections: [] }))
    assert.isTrue(matches({ libraries: ["movies"] }, { library: ["Movies"] }))
    assert.isFalse(matches({ libraries: ["movies"] }, { library: null }))
    assert.isFalse(matches({ collections: ["a"], libraries: ["movies"] }, { library: ["Movies"], collections: ["b"] }))
  })

  it("does not lose a keeping rule whose collections are unknown", () => {
    const rules = [rule("always-keep", alien, { collections: ["Alien Collection"] })]
    const outcome = apply(rules, { title: "Alien", collections: unknown })
    assert.deepStrictEqual([...outcome.undecidedBecause], ["collections"])
    assert.deepStrictEqual([...apply(rules, { title: "Aliens", collections: unknown }).undecidedBecause], [])
  })

  it("omits disabled rules", () => {
    const off = { ...rule("always-keep", alien), enabled: false }
    assert.isFalse(apply([off], { title: "Alien" }).kept)
  })

  it("fails completely, with every fault and its path, rather than losing a rule", () => {
    const result = compileRules(itemRules, [
      rule("lean-keep", alien),
      rule("lean-keep", leaf("nope", "is", "x")),
      rule("lean-keep", group("AND", leaf("year", "is", "soon")))
    ])
    if (Result.isSuccess(result)) assert.fail("it was taken")
    assert.deepStrictEqual(
      result.failure.map((issue) => issue.path.join(".")),
      ["1.condition.field", "2.condition.children.0.value"]
    )
  })

  it("never becomes more likely to remove an item when facts are lost", () => {
    fc.assert(
      fc.property(anyRules, anySheet, anyFacts, (rules, sheet, lost) => {
        const set = setOf(...rules)
        const before = applyRules(set, subject, sheet, now, nothing)
        const after = applyRules(set, subject, without(sheet, lost), now, nothing)
        const removable = (outcome: typeof before) => !outcome.kept && outcome.undecidedBecause.length === 0
        if (!removable(after)) return
        assert.isTrue(removable(before))
        assert.isAtMost(after.modifier, before.modifier * (1 + 1e-9))
      }),
      { numRuns: 500 }
    )
  })

  it("never makes a removing rule match, nor a keeping rule not apply, when facts are lost", () => {
    fc.assert(
      fc.property(anyRule, anySheet, anyFacts, (one, sheet, lost) => {
        const [compiledRule] = setOf(one).rules
        if (compiledRule === undefined) assert.fail("no rule")
        const before = applicationOf(compiledRule.effect, truthOfRule(compiledRule, subject, sheet, now))
        const after = applicationOf(compiledRule.effect, truthOfRule(compiledRule, subject, without(sheet, lost), now))
        if (compiledRule.effect.keeps) {
          if (before !== "does-not-apply") assert.notStrictEqual(after, "does-not-apply")
        } else if (before === "does-not-apply") assert.strictEqual(after, "does-not-apply")
      }),
      { numRuns: 500 }
    )
  })

  it("is explained: the explanation and the fast evaluation agree on everything", () => {
    fc.assert(
      fc.property(anyRules, anySheet, anyFacts, (rules, sheet, allowed) => {
        const set = setOf(...rules)
        const quick = applyRules(set, subject, sheet, now, allowed)
        const traced = traceRules(set, subject, sheet, now, allowed)
        const { rules: traces, ...outcome } = traced
        assert.deepStrictEqual(outcome, quick)
        assert.approximately(
          traces.reduce((product, one) => product * one.modifier, 1),
          quick.modifier,
          quick.modifier * 1e-9
        )
        assert.deepStrictEqual(
          traces.filter((one) => one.truth === "true").map((one) => one.ruleId),
          [...quick.matched]
        )
        assert.strictEqual(
          traces.some((one) => one.effect === "always-keep" && one.application === "applies"),
          quick.kept
        )
        if (!quick.kept) {
          assert.sameMembers([...new Set(traces.flatMap((one) => one.undecidedBecause))], [...quick.undecidedBecause])
        }
        const decoded = Schema.decodeUnknownResult(Schema.Array(RuleTrace))(JSON.parse(JSON.stringify(traces)))
        if (Result.isFailure(decoded)) assert.fail(String(decoded.failure))
      })
    )
  })

  it("reports that a rule is about other items", () => {
    const set = setOf(rule("lean-keep", alien, { itemKinds: ["show"] }))
    const [traced] = traceRules(set, subject, sheetOf({ title: "Alien" }), now, nothing).rules
    assert.isFalse(traced?.inScope)
    assert.strictEqual(traced?.truth, "false")
    assert.strictEqual(traced?.application, "does-not-apply")
  })
})
