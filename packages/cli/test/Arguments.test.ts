import type { Rule, RuleOperator } from "@tendarr/sdk-client"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { optionsOf } from "../src/JobText.ts"
import { plain } from "../src/output/Style.ts"
import { concernLines, conditionText, leafOf } from "../src/RuleText.ts"
import { type GroupSchema, merged, patchOf, settingNamed, settingValue } from "../src/SettingArguments.ts"

const operator = (name: string, operand: RuleOperator["operand"], ...aliases: Array<string>): RuleOperator => ({
  name,
  operand,
  aliases,
  phrase: name,
  meaning: "",
  types: ["string"]
})

const operators = [
  operator("equals", "value", "=", "=="),
  operator("greaterThanOrEqual", "value", ">=", "gte"),
  operator("contains", "value"),
  operator("in", "list"),
  operator("between", "range"),
  operator("isEmpty", "none", "never"),
  operator("watchedBy", "viewer")
]

const leaf = (text: string) => {
  const found = Effect.runSync(Effect.result(leafOf(text, operators)))
  return Result.isSuccess(found) ? found.success : found.failure.message
}

describe("A rule with an unknown name", () => {
  it("shows that, and how to resolve it", () => {
    const rule: Rule = {
      subject: "item",
      id: "3",
      name: "Kids stay",
      enabled: true,
      effect: "always-keep",
      condition: { kind: "condition", field: "library", operator: "in", value: ["Kids", "Kidz"] },
      position: 1,
      version: 1,
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
      lostNames: [
        {
          what: "library",
          name: "Kids",
          integrationId: "2",
          since: "2026-01-02T00:00:00.000Z",
          items: 2,
          message: 'It names the library "Kids", which is no longer there'
        }
      ],
      warnings: ['No item has the library "Kidz"']
    }
    expect(concernLines(rule, plain)).toEqual([
      '! It names the library "Kids", which is no longer there',
      "  `tendarr rules edit 3` or `tendarr rules acknowledge 3` ends that",
      '! No item has the library "Kidz"'
    ])
    expect(concernLines({ ...rule, lostNames: [], warnings: [] }, plain)).toEqual([])
  })
})

describe("A condition on a command line", () => {
  it("may be a comparison with another field, marked with @", () => {
    const condition = { kind: "condition", field: "rating", operator: "greaterThanOrEqual", otherField: "ratingTmdb" }
    expect(leaf("rating >= @ratingTmdb")).toEqual(condition)
    expect(conditionText(condition as Parameters<typeof conditionText>[0])).toBe(
      "rating greaterThanOrEqual @ratingTmdb"
    )
    expect(leaf("title contains @home movies")).toMatchObject({ value: "@home movies" })
  })

  it("is a field, an operator in any spelling, and the operand", () => {
    const condition = (field: string, name: string, value?: unknown) => ({
      kind: "condition",
      field,
      operator: name,
      ...(value === undefined ? {} : { value })
    })
    expect(leaf("year>=2020")).toEqual(condition("year", "greaterThanOrEqual", "2020"))
    expect(leaf("  year GTE 2020 ")).toEqual(condition("year", "greaterThanOrEqual", "2020"))
    expect(leaf("title contains Star Wars = a film")).toEqual(condition("title", "contains", "Star Wars = a film"))
    expect(leaf("genres in Horror, Drama")).toEqual(condition("genres", "in", ["Horror", "Drama"]))
    expect(leaf("year between 1990..1999")).toEqual(condition("year", "between", ["1990", "1999"]))
    expect(leaf("lastPlayedAt never")).toEqual(condition("lastPlayedAt", "isEmpty"))
    expect(leaf("quality = HD - 1080p")).toEqual(condition("quality", "equals", "HD - 1080p"))
  })

  it("with too many or too few operands is refused", () => {
    expect(leaf("year")).toContain("is not a condition")
    expect(leaf("year between 1990")).toContain("two values")
    expect(leaf("lastPlayedAt isEmpty now")).toContain("takes no value")
    expect(leaf("user watchedBy ann")).toContain("--file")
  })

  it("is printed as text with its groups", () => {
    const one = { kind: "condition", field: "year", operator: "equals", value: 1 } as const
    expect(
      conditionText({
        kind: "group",
        logic: "OR",
        children: [
          one,
          { kind: "group", logic: "AND", children: [one, { kind: "group", logic: "NOT", children: [one] }] }
        ]
      })
    ).toBe("year equals 1 or (year equals 1 and not (year equals 1))")
  })
})

describe("Options of a run", () => {
  const options = (...pairs: ReadonlyArray<string>) => Effect.runSync(Effect.result(optionsOf(pairs)))

  it("are JSON if valid, otherwise text, and lists if a key is repeated", () => {
    const found = options("dryRun=true", "name=a=b", "ids=1", "ids=2", 'list=["x"]')
    expect(Result.isSuccess(found) && found.success).toEqual({
      dryRun: true,
      name: "a=b",
      ids: ["1", "2"],
      list: ["x"]
    })
    expect(Result.isFailure(options("=1"))).toBe(true)
  })
})

describe("Settings on a command line", () => {
  const schemas = [
    {
      group: "removals",
      title: "Removals",
      defaults: {},
      schema: {
        properties: {
          on: { type: "boolean" },
          name: { type: "string" },
          count: { type: "integer" },
          list: { type: "array", items: { type: "string" } },
          caps: { allOf: [{ $ref: "#/$defs/Caps" }, { description: "most" }] },
          weights: { type: "object", additionalProperties: { type: "integer" } }
        },
        $defs: { Caps: { type: "object", properties: { most: { anyOf: [{ type: "integer" }, { type: "null" }] } } } }
      }
    }
  ] satisfies ReadonlyArray<GroupSchema>

  const value = (name: string, text: string) =>
    Effect.runSync(Effect.map(settingNamed(schemas, `removals.${name}`), (setting) => settingValue(setting, text)))

  it("are parsed by the type of each setting", () => {
    expect(value("on", "Yes")).toBe(true)
    expect(value("on", "perhaps")).toBe("perhaps")
    expect(value("name", "true")).toBe("true")
    expect(value("name", "7")).toBe("7")
    expect(value("count", "7")).toBe(7)
    expect(value("count", "")).toBe("")
    expect(value("caps.most", "null")).toBeNull()
    expect(value("caps.most", "9")).toBe(9)
    expect(value("caps", '{"most":1}')).toEqual({ most: 1 })
    expect(value("list", "a, b")).toEqual(["a", "b"])
    expect(value("list", "")).toEqual([])
    expect(value("weights.size", "3")).toBe(3)
  })

  it("are merged into one change if they belong to one group", () => {
    expect([patchOf(["caps", "most"], 1), patchOf(["caps", "least"], 0), patchOf(["on"], true)].reduce(merged)).toEqual(
      {
        caps: { most: 1, least: 0 },
        on: true
      }
    )
  })
})
