/** Parses and formats rules on the command line: `--when "year >= 2020"` and the like. */
import { itemKinds } from "@tendarr/core/integrations/Observations"
import type { Condition, NewRule, Rule, RuleOperator, RuleScope } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { Ask } from "./connection/Connection.ts"
import { readJsonObject } from "./Documents.ts"
import { type CommandFailure, misused } from "./Failure.ts"
import { clean } from "./output/Format.ts"
import type { Style } from "./output/Style.ts"
import { textFlag, toggle } from "./Root.ts"
import { integrationIds } from "./Selection.ts"
import { nearest } from "./UsageErrors.ts"

const many = (flag: string, metavar: string, description: string) =>
  Flag.String(flag).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

/** The flags for a condition and a scope. */
export const conditionFlags = {
  file: textFlag("file", "FILE", "The rule as JSON, as printed by `tendarr rules show --json`; - reads standard input"),
  when: many(
    "when",
    "CONDITION",
    '"FIELD OPERATOR VALUE", such as "year >= 2020"; may be repeated, all conditions must hold'
  ),
  any: toggle("any", "One matching condition is enough"),
  kinds: Flag.Literals("kind", itemKinds).pipe(
    Flag.withDescription("Only items of this kind; may be repeated"),
    Flag.atLeast(0)
  ),
  integrations: many("integration", "ID", "Only items of this integration, by id or name; may be repeated"),
  libraries: many("library", "TITLE", "Only items of this library of the media server; may be repeated"),
  collections: many("collection", "TITLE", "Only items of this collection; may be repeated")
}

export interface ConditionFlags {
  readonly file: Option.Option<string>
  readonly when: ReadonlyArray<string>
  readonly any: boolean
  readonly kinds: ReadonlyArray<(typeof itemKinds)[number]>
  readonly integrations: ReadonlyArray<string>
  readonly libraries: ReadonlyArray<string>
  readonly collections: ReadonlyArray<string>
}

/** The parts of a rule that the flags specify; the contents of a file are validated by Tendarr. */
export const partOfRule = Effect.fnUntraced(function* (ask: Ask, flags: ConditionFlags) {
  if (Option.isSome(flags.file)) {
    if (flags.when.length > 0) return yield* misused("Give either --file or --when")
    const given = yield* readJsonObject(flags.file.value)
    const { action, condition, effect, enabled, name, priority, scope, subject } = given as Partial<NewRule>
    const unknown = Object.keys(given).filter((key) => !ruleKeys.has(key))
    if (unknown.length > 0) return yield* misused(`A rule has no field ${unknown.join(", ")}`)
    return dropUndefined({ action, condition, effect, enabled, name, priority, scope, subject })
  }
  const scope: RuleScope = dropUndefined({
    itemKinds: someOf(flags.kinds),
    integrationIds: yield* integrationIds(ask, flags.integrations),
    libraries: someOf(flags.libraries),
    collections: someOf(flags.collections)
  })
  const condition = flags.when.length === 0 ? undefined : yield* conditionOf(ask, flags.when, flags.any)
  return dropUndefined({ condition, scope: Object.keys(scope).length === 0 ? undefined : scope }) as Partial<NewRule>
})

/** Includes the other keys of a stored rule, which are ignored, so that the output of `show` can be used as input. */
const ruleKeys: ReadonlySet<string> = new Set([
  "subject",
  "name",
  "enabled",
  "effect",
  "condition",
  "scope",
  "action",
  "priority",
  "id",
  "position",
  "version",
  "createdAt",
  "updatedAt",
  "lostNames",
  "warnings"
])

const someOf = <A>(list: ReadonlyArray<A>): Array<A> | undefined => (list.length === 0 ? undefined : [...list])

type Defined<A> = { [K in keyof A]?: Exclude<A[K], undefined> }

const dropUndefined = <A extends object>(value: A): Defined<A> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<A>

const conditionOf = Effect.fnUntraced(function* (ask: Ask, texts: ReadonlyArray<string>, any: boolean) {
  const { operators } = yield* ask((client) => client.rules.fields())
  const children = yield* Effect.forEach(texts, (text) => leafOf(text, operators))
  const [only] = children
  const whole: Condition =
    children.length === 1 && only !== undefined ? only : { kind: "group", logic: any ? "OR" : "AND", children }
  return whole
})

/** One comparison. Nested groups, and conditions about a person, require a file. */
export const leafOf = (
  text: string,
  operators: ReadonlyArray<RuleOperator>
): Effect.Effect<Condition, CommandFailure> => {
  const found =
    /^\s*([\w.-]+?)\s*(<=|>=|!=|<>|==|=|<|>)\s*(.*)$/s.exec(text) ?? /^\s*(\S+)\s+(\S+)(?:\s+(.*))?$/s.exec(text)
  if (found === null) {
    return Effect.fail(
      misused(
        `"${text}" is not a condition`,
        'Give a field, an operator and a value: "year >= 2020", "genres contains Horror"'
      )
    )
  }
  const [, field = "", named = "", rest = ""] = found
  const operator = operators.find(({ aliases, name }) =>
    [name, ...aliases].some((each) => each.toLowerCase() === named.toLowerCase())
  )
  if (operator === undefined) {
    const near = nearest(
      named,
      operators.flatMap(({ aliases, name }) => [name, ...aliases])
    )
    return Effect.fail(
      misused(
        `"${text}": there is no operator "${named}"${near === null ? "" : `. Did you mean ${near}?`}`,
        "`tendarr rules fields` lists them."
      )
    )
  }
  const value = rest.trim()
  const leaf = (operand?: string | Array<string>): Effect.Effect<Condition> =>
    Effect.succeed({
      kind: "condition",
      field,
      operator: operator.name,
      ...(operand === undefined ? {} : { value: operand })
    })
  switch (operator.operand) {
    case "none":
      return value === "" ? leaf() : Effect.fail(misused(`"${text}": ${operator.name} takes no value`))
    case "list":
      return leaf(value.split(",").map((entry) => entry.trim()))
    case "range": {
      const ends = value.split(/\s*(?:\.\.|,)\s*/)
      return ends.length === 2
        ? leaf(ends)
        : Effect.fail(misused(`"${text}": ${operator.name} takes two values, such as 1990..1999`))
    }
    case "viewer":
    case "viewer-days":
      return Effect.fail(misused(`"${text}": ${operator.name} needs a person; write the rule as JSON and use --file`))
    default:
      return leaf(value)
  }
}

/** A condition as text, with its parts as they were written. */
export const conditionWords = (condition: Condition): string => {
  if (condition.kind === "condition") {
    const { field, operator, params, value } = condition
    const operand = Array.isArray(value) ? value.join(", ") : value === undefined || value === null ? "" : String(value)
    return [field, operator, operand, params === undefined ? "" : JSON.stringify(params)].filter(Boolean).join(" ")
  }
  const parts = condition.children.map((child) =>
    child.kind === "group" && child.logic !== "NOT" ? `(${conditionWords(child)})` : conditionWords(child)
  )
  return condition.logic === "NOT"
    ? `not (${parts.join("")})`
    : parts.join(condition.logic === "AND" ? " and " : " or ")
}

/** The scope of a rule as text; empty = everything. */
export const scopeWords = ({ scope }: Pick<Rule, "scope">): string =>
  [
    ["kinds", scope?.itemKinds],
    ["integrations", scope?.integrationIds],
    ["libraries", scope?.libraries],
    ["collections", scope?.collections]
  ]
    .flatMap(([what, list]) => (Array.isArray(list) && list.length > 0 ? [`${String(what)} ${list.join(", ")}`] : []))
    .join("; ")

/** Notes on a rule: lost names, and parts that have no effect. */
export const concernLines = ({ id, lostNames, warnings }: Rule, style: Style): ReadonlyArray<string> => [
  ...lostNames.map(({ message }) => `${style.bad("!")} ${clean(message)}`),
  ...(lostNames.length === 0
    ? []
    : [`  \`tendarr rules edit ${id}\` or \`tendarr rules acknowledge ${id}\` ends that`]),
  ...warnings.map((warning) => `${style.warn("!")} ${clean(warning)}`)
]
