/** Which of several acting rules acts on an item. */
import { Result } from "effect"
import { assert, describe, it } from "vitest"
import { matchOf } from "../../src/capacity/Acting.ts"
import { actingRule, itemRules } from "../../src/rules/ItemRules.ts"
import { compileRule } from "../../src/rules/RuleSet.ts"
import { leaf, now, sheetOf, unknown } from "../rules/Samples.ts"

type Value = "true" | "false" | "unknown"

const conditions = {
  true: leaf("year", "<", 2000),
  false: leaf("year", ">", 2000),
  unknown: leaf("playCount", "=", 0)
}

const movie = { id: "1", integrationId: "1", kind: "movie" }
const sheet = sheetOf({ year: 1990, playCount: unknown })

const rule = (id: string, priority: number, value: Value) => {
  const compiled = compileRule(itemRules, {
    id,
    name: `rule ${id}`,
    enabled: true,
    effect: "act",
    condition: conditions[value],
    action: { type: "report" },
    priority
  })
  return actingRule(Result.getOrThrow(compiled))!
}

/** Rules in their precedence as id, priority and value; the one that is asked about; how it stands. */
const table: ReadonlyArray<readonly [ReadonlyArray<readonly [string, number, Value]>, string, string]> = [
  [[["1", 0, "true"]], "1", "Acts"],
  [[["1", 0, "false"]], "1", "NoMatch"],
  [[["1", 0, "unknown"]], "1", "Unknown by rule 1"],
  // Of equal priorities, the older one.
  [
    [
      ["1", 0, "true"],
      ["2", 0, "true"]
    ],
    "1",
    "Acts"
  ],
  [
    [
      ["1", 0, "true"],
      ["2", 0, "true"]
    ],
    "2",
    "Later than rule 1"
  ],
  [
    [
      ["2", 5, "true"],
      ["1", 0, "true"]
    ],
    "2",
    "Acts"
  ],
  [
    [
      ["2", 5, "true"],
      ["1", 0, "true"]
    ],
    "1",
    "Later than rule 2"
  ],
  // An earlier one that does not match is passed over; one that may match is not.
  [
    [
      ["2", 5, "false"],
      ["1", 0, "true"]
    ],
    "1",
    "Acts"
  ],
  [
    [
      ["2", 5, "unknown"],
      ["1", 0, "true"]
    ],
    "1",
    "Unknown by rule 2"
  ],
  [
    [
      ["2", 5, "unknown"],
      ["1", 0, "false"]
    ],
    "1",
    "NoMatch"
  ],
  [
    [
      ["3", 9, "true"],
      ["2", 5, "unknown"],
      ["1", 0, "true"]
    ],
    "1",
    "Later than rule 3"
  ],
  [
    [
      ["3", 9, "unknown"],
      ["2", 5, "true"],
      ["1", 0, "true"]
    ],
    "1",
    "Unknown by rule 3"
  ],
  // Later ones change nothing.
  [
    [
      ["2", 5, "true"],
      ["1", 0, "unknown"]
    ],
    "2",
    "Acts"
  ],
  [
    [
      ["10", 0, "true"],
      ["9", 0, "true"]
    ],
    "9",
    "Acts"
  ]
]

describe("Of several acting rules", () => {
  for (const [rules, asked, expected] of table) {
    const words = rules.map(([id, priority, value]) => `${id} (${priority}, ${value})`).join(", ")
    it(`of ${words}, rule ${asked}: ${expected}`, () => {
      const all = rules.map(([id, priority, value]) => rule(id, priority, value))
      const sorted = all.toSorted((a, b) => b.priority - a.priority || Number(a.rule.id) - Number(b.rule.id))
      const one = all.find((each) => each.rule.id === asked)!
      const match = matchOf(one, sorted, movie, sheet, now)
      const said =
        match._tag === "Later"
          ? `Later than ${match.first.rule.name}`
          : match._tag === "Unknown"
            ? `Unknown by ${match.rule.rule.name}`
            : match._tag
      assert.strictEqual(said, expected)
    })
  }

  it("a draft comes after the stored rules of its priority", () => {
    const draft = rule("new", 0, "true")
    const stored = rule("7", 0, "true")
    assert.strictEqual(matchOf(draft, [stored], movie, sheet, now)._tag, "Later")
    assert.strictEqual(matchOf({ ...draft, priority: 1 }, [stored], movie, sheet, now)._tag, "Acts")
  })
})
