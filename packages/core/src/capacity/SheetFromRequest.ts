/**
 * A fact sheet from the facts of a request: "what would the engine make of an item like this?". Names are those of facts
 * or the aliases of the fields that show them; a fact left out is one that no integration can know.
 */
import { Result, Schema } from "effect"
import { type ItemKind, itemKinds } from "../integrations/Observations.ts"
import {
  type Fact,
  type FactName,
  factNames,
  type FactSheet,
  type FactType,
  factTypes,
  type FactValue,
  inapplicable,
  known,
  ViewerPlays
} from "../library/Facts.ts"
import type { Issue } from "../problems/Problem.ts"
import { fields } from "../rules/Fields.ts"
import { parseInstant } from "../problems/Instants.ts"
import { nameTable, nearestName } from "../problems/Names.ts"

/** The facts of a request on the wire: a value, `null` for a known "none", or `{ "unknown": "why" }`. */
export const RequestFacts = Schema.Record(
  Schema.String,
  Schema.Union([
    Schema.String,
    Schema.Finite,
    Schema.Boolean,
    Schema.Null,
    Schema.Array(Schema.Union([Schema.String, ViewerPlays])),
    Schema.Struct({ unknown: Schema.String })
  ])
).annotate({ identifier: "RequestFacts" })
export type RequestFacts = typeof RequestFacts.Type

/** Where a fact of a request says it comes from. */
export const requestSource = "request"

/** The kind of the item that a request is about: said beside the facts, or as one of them; a movie where neither says it. */
export const kindOf = (request: {
  readonly kind?: ItemKind
  readonly facts: Readonly<Record<string, unknown>>
}): ItemKind =>
  request.kind ??
  itemKinds.find((kind) =>
    Object.entries(request.facts).some(([name, value]) => factNamed.get(name) === "kind" && value === kind)
  ) ??
  "movie"

/** `at` is the time of the request, ISO-8601. Paths of issues are `["facts", name, …]`, with the name as it was given. */
export const sheetFromRequest = (
  given: Readonly<Record<string, unknown>>,
  options: { readonly kind?: ItemKind; readonly at: string }
): Result.Result<FactSheet, ReadonlyArray<Issue>> => {
  const kind = options.kind ?? "movie"
  const facts = new Map<FactName, Fact>()
  const issues: Array<Issue> = []
  const refuse = (path: Issue["path"], message: string) => issues.push({ path: ["facts", ...path], message })
  const names = Object.keys(given)
  if (names.length > mostFacts) refuse([], `more than ${mostFacts} facts`)
  for (const name of names.slice(0, mostFacts)) {
    const fact = factNamed.get(name)
    if (fact === undefined) {
      const nearest = nearestName(name, factNamed.names())
      const guess = nearest === null ? "" : `; did you mean ${factNamed.get(nearest)}?`
      refuse([name], `there is no fact "${name.slice(0, 60)}"${guess}`)
      continue
    }
    if (facts.has(fact)) {
      refuse([name], `${fact} is given twice`)
      continue
    }
    const read = readGiven(fact, given[name], options.at)
    if (Result.isFailure(read)) for (const issue of read.failure) refuse([name, ...issue.path], issue.message)
    else facts.set(fact, read.success)
  }
  const said = facts.get("kind")
  if (said?._tag === "Known" && said.value !== kind) {
    refuse(["kind"], `the item is given as ${kind}; its kind stands beside the facts`)
  }
  if (issues.length > 0) return Result.fail(issues)
  facts.set("kind", known(kind, requestSource, options.at))
  return Result.succeed({ get: (name) => facts.get(name) ?? inapplicable })
}

const mostFacts = 200

const aliasesOf: ReadonlyMap<string, ReadonlyArray<string>> = new Map(
  fields.filter((field) => field.name === field.fact).map((field) => [field.name, field.aliases])
)

/** Each fact by its name and by every alias of the fields that show it as it stands. */
const factNamed = nameTable(factNames, (fact) => [fact, ...(aliasesOf.get(fact) ?? [])])

type Value = Result.Result<FactValue, ReadonlyArray<Issue>>

const readGiven = (name: FactName, value: unknown, at: string): Result.Result<Fact, ReadonlyArray<Issue>> => {
  if (isUnknown(value)) {
    return Result.succeed({ _tag: "Unknown", reason: "given", detail: value.unknown, source: requestSource })
  }
  const read: Value = value === null ? Result.succeed(null) : readers[factTypes[name]](value)
  return Result.flatMap(read, (result) => {
    if (typeof result === "number" && result < 0) return wrong("must not be negative")
    if (name === "kind" && !itemKinds.some((kind) => kind === result)) return wrong(`one of ${itemKinds.join(", ")}`)
    return Result.succeed(known(result, requestSource, at))
  })
}

const wrong = (message: string): Result.Result<never, ReadonlyArray<Issue>> => Result.fail([{ path: [], message }])

const isUnknown = Schema.is(Schema.Struct({ unknown: Schema.String }))

const isTexts = Schema.is(Schema.Array(Schema.String))
const isPlays = Schema.is(Schema.Array(ViewerPlays))

const readers: { readonly [T in FactType]: (value: unknown) => Value } = {
  string: (value) => (typeof value === "string" ? Result.succeed(value) : wrong("a text is needed")),
  number: (value) =>
    typeof value === "number" && Number.isFinite(value) ? Result.succeed(value) : wrong("a finite number is needed"),
  boolean: (value) => (typeof value === "boolean" ? Result.succeed(value) : wrong("true or false is needed")),
  date: (value) => {
    const millis = typeof value === "string" ? parseInstant(value) : null
    return millis === null
      ? wrong("a date is needed: 2026-01-31, or with a time and a zone 2026-01-31T12:00:00Z")
      : Result.succeed(new Date(millis).toISOString())
  },
  strings: (value) => (isTexts(value) ? Result.succeed(value) : wrong("a list of texts is needed")),
  plays: (value) => {
    if (!isPlays(value)) return wrong("a list of { user, plays, lastPlayedAt } is needed")
    const plays: Array<ViewerPlays> = []
    const issues: Array<Issue> = []
    for (const [index, entry] of value.entries()) {
      const millis = entry.lastPlayedAt === null ? null : parseInstant(entry.lastPlayedAt)
      if (entry.plays < 0) issues.push({ path: [index, "plays"], message: "must not be negative" })
      else if (entry.lastPlayedAt !== null && millis === null) {
        issues.push({ path: [index, "lastPlayedAt"], message: "a date with a zone is needed" })
      } else plays.push({ ...entry, lastPlayedAt: millis === null ? null : new Date(millis).toISOString() })
    }
    return issues.length > 0 ? Result.fail(issues) : Result.succeed(plays)
  }
}
