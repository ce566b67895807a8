/** Prunerr's conditions: every field, operator, scope and missing value, in both directions. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { mediaTypeOfScope, versionOne } from "../../src/dialects/prunerr/Rules/Translation.ts"
import { type Fact, type FactValue, known } from "../../src/library/Facts.ts"
import { fromCondition, type PrunerrNode, toCondition } from "../../src/moving/products/Prunerr/Conditions.ts"
import { scopeOf } from "../../src/moving/products/Prunerr/Terms.ts"
import { treeIn } from "../../src/moving/products/Prunerr/Trees.ts"
import { compile } from "../../src/rules/Compile.ts"
import { evaluate } from "../../src/rules/CompiledCondition.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"

const titles = new Map([["7", "Alien Collection"]])
const ids = new Map([["Alien Collection", "7"]])
const now = Date.UTC(2026, 5, 1)

type Leaf = readonly [field: string, operator: string, value?: unknown, params?: object]

const node = ([field, operator, value, params]: Leaf): PrunerrNode => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value }),
  ...(params === undefined ? {} : { params })
})

const ours = (leaf: PrunerrNode): Condition => Effect.runSync(toCondition(leaf, titles))

/** As it is stored: compiled, with canonical names. */
const stored = (condition: Condition): Condition => {
  const compiled = compile(itemRules, condition)
  if (Result.isFailure(compiled)) assert.fail(JSON.stringify([condition, compiled.failure]))
  return compiled.success.tree
}

const truth = (condition: Condition, facts: Readonly<Record<string, Fact>>) => {
  const compiled = compile(itemRules, condition)
  if (Result.isFailure(compiled)) assert.fail(JSON.stringify(compiled.failure))
  return evaluate(compiled.success, { get: (name) => facts[name] ?? none }, now)
}

const told = (value: FactValue): Fact => known(value, "a test", "2026-05-31T00:00:00.000Z")
const none = told(null)
const is = (name: string, value: FactValue) => ({ [name]: told(value) })

/** Every field of the catalogue, with each of its operators. The last column is what is shown again, if it differs. */
const same: ReadonlyArray<Leaf> = [
  ...["equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with"].flatMap(
    (operator): ReadonlyArray<Leaf> =>
      [
        "title",
        "video_codec",
        "audio_codec",
        "content_rating",
        "studio",
        "original_language",
        "series_status",
        "requested_by",
        "watched_by",
        "genres",
        "tags"
      ].map((field) => [field, operator, "ab"] as const)
  ),
  ...["in", "not_in", "contains_any", "contains_all"].flatMap((operator): ReadonlyArray<Leaf> =>
    ["title", "genres", "tags", "studio", "watched_by"].map((field) => [field, operator, ["a", "b"]] as const)
  ),
  ...["equals", "not_equals", "greater_than", "less_than", "greater_than_or_equal", "less_than_or_equal"].flatMap(
    (operator): ReadonlyArray<Leaf> =>
      [
        "year",
        "days_since_added",
        "play_count",
        "size_gb",
        "rating_imdb",
        "rating_tmdb",
        "rating_rt",
        "runtime_minutes",
        "season_count",
        "episode_count",
        "resolution_number",
        "watched_by_count",
        "bitrate"
      ].map((field) => [field, operator, 5] as const)
  ),
  ...["year", "days_since_added", "days_since_watched", "play_count", "size_gb", "bitrate"].map(
    (field) => [field, "between", [1, 9]] as const
  ),
  ...["title", "year", "hdr", "genres", "last_watched_at", "days_since_watched", "requested_by"].flatMap(
    (field): ReadonlyArray<Leaf> => [
      [field, "is_null", null],
      [field, "is_not_null", null]
    ]
  ),
  ["title", "regex_match", "^a.*b$"],
  ["type", "equals", "movie"],
  ["type", "equals", "show"],
  ["type", "not_equals", "show"],
  ["resolution", "equals", "1080p"],
  ["hdr", "equals", "Dolby Vision"],
  ["hdr", "equals", "hdr10"],
  ["days_since_watched", "greater_than", 90],
  ["days_since_watched", "less_than", 90],
  ["never_watched", "equals", true],
  ["last_watched_at", "less_than", "2024-01-01T00:00:00.000Z"],
  ["last_watched_at", "greater_than", "2024-01-01T00:00:00.000Z"],
  ["collection_membership", "in_collection_id", 7],
  ["collection_membership", "in_any_protected", true],
  ["collection_membership", "not_in_any_protected", true]
]

/** What is understood in another way, and shown again as it was understood. */
const otherwise: ReadonlyArray<readonly [given: Leaf, shown: Leaf]> = [
  [
    ["type", "equals", "tv"],
    ["type", "equals", "show"]
  ],
  [
    ["type", "in", ["movie", "tv"]],
    ["type", "in", ["movie", "show"]]
  ],
  [
    ["resolution", "equals", "4k"],
    ["resolution", "equals", "2160p"]
  ],
  [
    ["resolution", "equals", "1080"],
    ["resolution", "equals", "1080p"]
  ],
  [
    ["hdr", "equals", "dv"],
    ["hdr", "equals", "Dolby Vision"]
  ],
  [
    ["codec", "contains", "h264"],
    ["video_codec", "contains", "h264"]
  ],
  [
    ["year", "greater_than", "2015"],
    ["year", "greater_than", 2015]
  ],
  [
    ["never_watched", "equals", "true"],
    ["never_watched", "equals", true]
  ],
  [
    ["days_since_watched", "greater_than_or_equal", 30],
    ["days_since_watched", "greater_than", 29]
  ],
  [
    ["genres", "in", "a, b"],
    ["genres", "in", ["a", "b"]]
  ],
  [
    ["genres", "in", '["a","b"]'],
    ["genres", "in", ["a", "b"]]
  ],
  [
    ["genres", "matches_any", ["a"]],
    ["genres", "contains_any", ["a"]]
  ],
  [
    ["genres", "matches_all", ["a"]],
    ["genres", "contains_all", ["a"]]
  ],
  [
    ["title", "is_empty"],
    ["title", "is_null", null]
  ],
  [
    ["title", "is_not_empty"],
    ["title", "is_not_null", null]
  ]
]

describe("A condition of Prunerr", () => {
  for (const leaf of same) {
    it(`${leaf.slice(0, 3).join(" ")} comes back as it was`, () => {
      const { params: _, ...shown } = fromCondition(stored(ours(node(leaf))), ids) as unknown as Record<string, unknown>
      assert.deepStrictEqual(shown, { ...node(leaf) })
    })
  }

  for (const [given, wanted] of otherwise) {
    it(`${given.slice(0, 3).join(" ")} comes back as ${wanted.slice(0, 3).join(" ")}`, () => {
      assert.deepStrictEqual(fromCondition(stored(ours(node(given))), ids), node(wanted))
      // And that one as itself.
      assert.deepStrictEqual(stored(ours(node(wanted))), stored(ours(node(given))))
    })
  }

  it("about a person keeps the person and the days", () => {
    for (const [operator, days] of [
      ["ever_watched", undefined],
      ["never_watched", undefined],
      ["watched_since", 30],
      ["not_watched_since", 30]
    ] as const) {
      const params = { username: "ann", ...(days === undefined ? {} : { days }) }
      const shown = fromCondition(stored(ours(node(["watched_by_user", operator, true, params]))), ids)
      assert.deepInclude(shown, { field: "watched_by_user", operator })
      assert.deepInclude("params" in shown ? shown.params : {}, params)
    }
  })

  it("groups by AND, OR and NOT, and NOT denies that all of them hold", () => {
    const [a, b] = [node(["play_count", "equals", 0]), node(["year", "less_than", 2000])]
    for (const logic of ["AND", "OR"] as const) {
      const group: PrunerrNode = { kind: "group", logic, children: [a, b] }
      assert.deepStrictEqual(fromCondition(stored(ours(group)), ids), group)
    }
    const not = ours({ kind: "group", logic: "NOT", children: [a, b] })
    const facts = (plays: number, year: number) => ({ ...is("playCount", plays), ...is("year", year) })
    assert.strictEqual(truth(not, facts(0, 1990)), "false")
    assert.strictEqual(truth(not, facts(0, 2010)), "true")
    assert.strictEqual(truth(not, facts(1, 2010)), "true")
    const one: PrunerrNode = { kind: "group", logic: "NOT", children: [a] }
    assert.deepStrictEqual(fromCondition(stored(ours(one)), ids), one)
  })

  it("is refused where it would match everything, or names what does not exist", () => {
    for (const logic of ["AND", "OR", "NOT"] as const) {
      const empty = Effect.runSync(Effect.result(toCondition({ kind: "group", logic, children: [] }, titles)))
      assert.strictEqual(empty._tag, "Failure", logic)
    }
    const unknown = Effect.runSync(
      Effect.result(toCondition(node(["collection_membership", "in_collection_id", 99]), titles))
    )
    assert.strictEqual(unknown._tag, "Failure")
    for (const leaf of [
      ["colour", "equals", 1],
      ["title", "resembles", "x"],
      ["title", "regex_match", "(("],
      ["year", "greater_than", "soon"]
    ] as const) {
      assert.isTrue(Result.isFailure(compile(itemRules, ours(node(leaf)))), leaf.join(" "))
    }
  })

  it("is the same by every name of its operator, and refused by a name that is none", () => {
    for (const [field, value, names] of [
      ["type", "movie", ["not_equals", "!=", "<>", "ne", "neq", "isNot", "is_not", "not_equal"]],
      ["type", "tv", ["not_equals", "!=", "<>", "neq"]],
      ["type", ["movie"], ["not_in", "!in", "none_of"]],
      ["type", ["movie", "tv"], ["in", "one_of"]],
      ["days_since_watched", 90, ["greater_than", ">", "gt"]],
      ["days_since_watched", 90, ["greater_than_or_equal", ">=", "gte"]],
      ["last_watched_at", "2024-01-01", ["less_than", "<", "lt"]],
      ["studio", undefined, ["is_null", "is_empty", "empty"]]
    ] as const) {
      const [first = "", ...others] = names
      const wanted = stored(ours(node([field, first, value])))
      for (const other of others) assert.deepStrictEqual(stored(ours(node([field, other, value]))), wanted, other)
    }
    for (const leaf of [
      ["type", "does_not_equal", "movie"],
      ["type", "greater_than", "movie"],
      ["type", "between", ["movie", "tv"]],
      ["never_watched", "equals", "yes"],
      ["never_watched", "equals", 2],
      ["constructor", "equals", 1],
      ["__proto__", "equals", 1],
      ["resolution", "constructor", 1]
    ] as const) {
      assert.isTrue(Result.isFailure(compile(itemRules, ours(node(leaf)))), leaf.join(" "))
    }
    assert.deepInclude(stored(ours(node(["resolution", "equals", "constructor"]))), { value: "constructor" })
    assert.deepInclude(stored(ours(node(["never_watched", "equals", "True"]))), { value: true })
  })

  it("is read from a tree, a list, and either as a JSON text", () => {
    const leaf = node(["play_count", "equals", 0])
    const bare = { field: "play_count", operator: "equals", value: 0 }
    const read = (given: unknown) => Effect.runSync(treeIn(given, ["payload"]))
    assert.deepStrictEqual(read({ version: 2, root: leaf }), leaf)
    assert.deepStrictEqual(read(JSON.stringify({ version: 2, root: leaf })), leaf)
    const list: PrunerrNode = { kind: "group", logic: "AND", children: [leaf] }
    assert.deepStrictEqual(read([bare]), list)
    assert.deepStrictEqual(read(JSON.stringify([bare])), list)
    assert.deepStrictEqual(versionOne(list), [leaf])
    for (const wrong of [null, 1, "{", { kind: "group", logic: "XOR", children: [] }, { field: "" }, { root: [] }]) {
      assert.strictEqual(
        Effect.runSync(Effect.result(treeIn(wrong, ["payload"])))._tag,
        "Failure",
        JSON.stringify(wrong)
      )
    }
    let deep: unknown = leaf
    for (let depth = 0; depth < 50; depth++) deep = { kind: "group", logic: "NOT", children: [deep] }
    assert.strictEqual(Effect.runSync(Effect.result(treeIn({ root: deep }, ["payload"])))._tag, "Failure")
  })
})

describe("What Prunerr gets wrong", () => {
  const matches = (leaf: Leaf, facts: Readonly<Record<string, Fact>>) => truth(ours(node(leaf)), facts)

  it("holds here: what was never watched was not watched for 90 days either", () => {
    const leaf = ["days_since_watched", "greater_than", 90] as const
    assert.strictEqual(matches(leaf, is("lastPlayedAt", null)), "true")
    assert.strictEqual(matches(leaf, is("lastPlayedAt", "2026-01-01T00:00:00.000Z")), "true")
    assert.strictEqual(matches(leaf, is("lastPlayedAt", "2026-05-20T00:00:00.000Z")), "false")
    for (const days of [0, 1]) {
      assert.strictEqual(
        matches(["days_since_watched", "greater_than_or_equal", days], is("lastPlayedAt", null)),
        "true"
      )
    }
  })

  it("holds here: the presets of its pages match what they say", () => {
    assert.strictEqual(matches(["resolution", "equals", "1080"], is("resolution", "1080p")), "true")
    assert.strictEqual(matches(["hdr", "equals", "Dolby Vision"], is("hdr", "dv")), "true")
    assert.strictEqual(matches(["bitrate", "greater_than", 8000], is("bitrate", 9_000_000)), "true")
    assert.strictEqual(matches(["bitrate", "greater_than", 8000], is("bitrate", 7_000_000)), "false")
    const before = ["last_watched_at", "less_than", "2024-01-01"] as const
    assert.strictEqual(matches(before, is("lastPlayedAt", "2023-05-01T00:00:00.000Z")), "true")
    assert.strictEqual(matches(before, is("lastPlayedAt", "2025-05-01T00:00:00.000Z")), "false")
  })

  it("stays open where a fact is unknown, instead of counting as never", () => {
    const unknown: Fact = {
      _tag: "Unknown",
      reason: "source-down",
      source: "a test",
      detail: "the server does not answer"
    }
    for (const leaf of [
      ["play_count", "equals", 0],
      ["days_since_watched", "greater_than", 90],
      ["never_watched", "equals", true],
      ["watched_by", "not_equals", "ann"]
    ] as const) {
      assert.strictEqual(
        matches(leaf, {
          playCount: unknown,
          lastPlayedAt: unknown,
          watchedBy: unknown,
          users: unknown,
          viewers: unknown
        }),
        "unknown",
        leaf.join(" ")
      )
    }
  })

  it("treats a missing value as its document says", () => {
    const cases: ReadonlyArray<readonly [Leaf, string]> = [
      [["studio", "equals", "x"], "false"],
      [["studio", "not_equals", "x"], "true"],
      [["rating_imdb", "greater_than", 1], "false"],
      [["rating_imdb", "less_than", 9], "false"],
      [["rating_imdb", "between", [1, 9]], "false"],
      [["studio", "contains", "x"], "false"],
      [["studio", "not_contains", "x"], "true"],
      [["studio", "in", ["x"]], "false"],
      [["studio", "not_in", ["x"]], "true"],
      [["studio", "is_null"], "true"],
      [["studio", "is_not_null"], "false"],
      [["studio", "regex_match", "x"], "false"],
      [["genres", "contains_any", ["x"]], "false"],
      [["genres", "contains_all", ["x"]], "false"]
    ]
    for (const [leaf, wanted] of cases) assert.strictEqual(matches(leaf, {}), wanted, leaf.join(" "))
  })
})

describe("The scope of a rule of Prunerr", () => {
  it("is the kinds of its type of media, and its libraries", () => {
    assert.deepStrictEqual(scopeOf("movie", []), { itemKinds: ["movie"] })
    assert.deepStrictEqual(scopeOf("tv", ["Kids"]), { itemKinds: ["show", "season"], libraries: ["Kids"] })
    for (const type of ["all", "movie", "tv"] as const) assert.strictEqual(mediaTypeOfScope(scopeOf(type, [])), type)
    assert.strictEqual(mediaTypeOfScope(scopeOf("show", [])), "tv")
    assert.strictEqual(mediaTypeOfScope(undefined), "all")
  })
})
