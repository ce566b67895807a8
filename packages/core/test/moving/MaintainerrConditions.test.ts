/** Every property of Maintainerr that has a field here, with every comparison of its type. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import {
  comparisons,
  conditionOf,
  namedConditionOf,
  toCondition
} from "../../src/moving/products/Maintainerr/Conditions.ts"
import { propertyAt, propertyNamed } from "../../src/moving/products/Maintainerr/Properties.ts"
import { compile } from "../../src/rules/Compile.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"

const applications = [0, 1, 2, 3, 4, 5, 6, 7]
const all = applications.flatMap((application) =>
  Array.from({ length: 60 }, (_, number) => [application, number] as const).filter(
    ([, number]) => propertyAt(application, number).mapped !== null
  )
)

const operands = {
  number: [{ ruleTypeId: 0, value: "86400" }],
  date: [
    { ruleTypeId: 0, value: "86400" },
    { ruleTypeId: 1, value: "2025-05-01" }
  ],
  text: [{ ruleTypeId: 2, value: "1080" }],
  boolean: [{ ruleTypeId: 3, value: "1" }],
  list: [
    { ruleTypeId: 4, value: '["One","Two"]' },
    { ruleTypeId: 0, value: "2" }
  ]
} as const

describe("A condition of Maintainerr", () => {
  for (const [application, number] of all) {
    const { mapped, name } = propertyAt(application, number)
    it(`about ${name} becomes one that compiles, or is refused by name`, () => {
      const [level] = mapped?.levels ?? ["movie" as const]
      let translated = 0
      for (const customVal of operands[mapped?.type ?? "number"]) {
        for (const action of comparisons.keys()) {
          const one = conditionOf({ firstVal: [application, number], action, customVal }, 0)
          const result = toCondition([one], level ?? "movie")
          if (Result.isFailure(result)) {
            assert.include(result.failure[0], name)
            continue
          }
          translated += 1
          const compiled = compile(itemRules, result.success.condition)
          assert.isTrue(Result.isSuccess(compiled), JSON.stringify([result.success.condition, compiled]))
        }
      }
      assert.isAbove(translated, 0)
      assert.deepStrictEqual(propertyNamed(name.toLowerCase()), propertyAt(application, number))
    })
  }

  it("joins conditions one after the other within a section, and sections one after the other", () => {
    const leaf = (section: number, operator: string | null, value: number) =>
      namedConditionOf(
        { firstValue: "Plex.viewCount", action: "EQUALS", operator, customValue: { type: "number", value } },
        section
      )
    const result = toCondition(
      [leaf(0, null, 1), leaf(0, "OR", 2), leaf(0, "AND", 3), leaf(1, "OR", 4), leaf(1, "AND", 5), leaf(2, "AND", 6)],
      "movie"
    )
    const text = (node: unknown): string => {
      const { children, logic, value } = node as { children?: ReadonlyArray<unknown>; logic?: string; value?: number }
      return children === undefined ? String(value) : `(${children.map(text).join(` ${logic} `)})`
    }
    assert.strictEqual(
      Result.isSuccess(result) ? text(result.success.condition) : "",
      "((((1 OR 2) AND 3) OR (4 AND 5)) AND 6)"
    )
  })

  it("that names one unknown property refuses the whole rule: the others alone would match more", () => {
    const known = conditionOf({ firstVal: [0, 5], action: 2, customVal: { ruleTypeId: 0, value: "0" } }, 0)
    const unknown = conditionOf({ firstVal: [9, 99], action: 2, operator: "0" }, 0)
    const result = toCondition([known, unknown], "movie")
    assert.isTrue(Result.isFailure(result))
  })
})
