/**
 * Builds a fact sheet from the facts in a request, to evaluate made-up items. Facts are named by their own names or by
 * the aliases of fields that show them; an omitted fact is one that no integration can know.
 */
import { Result, Schema } from "effect"
import { type ItemKind, itemKinds } from "../integrations/Observations.ts"
import { type Fact, type FactSheet, type FactValue, inapplicable, known, ViewerPlays } from "../library/Facts.ts"
import type { FactDefinition, FactType } from "../library/Facts/Definition.ts"
import type { Issue } from "../problems/Problem.ts"
import { isoOfMillis, parseInstant } from "../problems/Instants.ts"
import { itemRules } from "../rules/ItemRules.ts"
import type { RuleSubject } from "../rules/RuleSubject.ts"

/** The facts of a request: a value, `null` for a known "none", or `{ "unknown": "why" }`. */
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

/** The source name of facts in a request. */
export const requestSource = "request"

/** The kind of the item in a request: given next to the facts, or as one of them; a movie by default. */
export const kindOf = (request: {
  readonly kind?: ItemKind
  readonly facts: Readonly<Record<string, unknown>>
}): ItemKind =>
  request.kind ??
  itemKinds.find((kind) =>
    Object.entries(request.facts).some(([name, value]) => itemRules.factNamed(name) === "kind" && value === kind)
  ) ??
  "movie"

/**
 * `at` is the time of the request, ISO-8601. Paths of issues are `["facts", name, …]`, with the name as it was given.
 */
export const sheetFromRequest = <Name extends string>(
  subject: RuleSubject<Name, string, never, never>,
  given: Readonly<Record<string, unknown>>,
  options: { readonly kind?: string; readonly at: string }
): Result.Result<FactSheet<Name>, ReadonlyArray<Issue>> => {
  const facts = new Map<Name, Fact>()
  const issues: Array<Issue> = []
  const refuse = (path: Issue["path"], message: string) => issues.push({ path: ["facts", ...path], message })
  const names = Object.keys(given)
  if (names.length > mostFacts) refuse([], `more than ${mostFacts} facts`)
  for (const name of names.slice(0, mostFacts)) {
    const fact = subject.factNamed(name)
    if (fact === undefined) {
      const nearest = subject.nearestFact(name)
      const guess = nearest === null ? "" : `; did you mean ${nearest}?`
      refuse([name], `there is no fact "${name.slice(0, 60)}"${guess}`)
      continue
    }
    if (facts.has(fact)) {
      refuse([name], `${fact} is given twice`)
      continue
    }
    const read = readGiven(subject.facts[fact], fact === subject.kind, given[name], options.at)
    if (Result.isFailure(read)) for (const issue of read.failure) refuse([name, ...issue.path], issue.message)
    else facts.set(fact, read.success)
  }
  const { kind } = options
  if (kind !== undefined && subject.kind !== null) {
    const said = facts.get(subject.kind)
    if (said?._tag === "Known" && said.value !== kind) {
      refuse([subject.kind], `the item is given as ${kind}; its kind is given next to the facts`)
    }
    facts.set(subject.kind, known(kind, requestSource, options.at))
  }
  if (issues.length > 0) return Result.fail(issues)
  return Result.succeed({ get: (name) => facts.get(name) ?? inapplicable })
}

const mostFacts = 200

type Value = Result.Result<FactValue, ReadonlyArray<Issue>>

const readGiven = (
  { type, values = [] }: FactDefinition<never, never>,
  isKind: boolean,
  value: unknown,
  at: string
): Result.Result<Fact, ReadonlyArray<Issue>> => {
  if (isUnknown(value)) {
    return Result.succeed({ _tag: "Unknown", reason: "given", detail: value.unknown, source: requestSource })
  }
  const read: Value = value === null ? Result.succeed(null) : readers[type](value)
  return Result.flatMap(read, (result) => {
    if (typeof result === "number" && result < 0) return wrong("must not be negative")
    if (isKind && !values.some((kind) => kind === result)) return wrong(`one of ${values.join(", ")}`)
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
      : Result.succeed(isoOfMillis(millis))
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
      } else plays.push({ ...entry, lastPlayedAt: millis === null ? null : isoOfMillis(millis) })
    }
    return issues.length > 0 ? Result.fail(issues) : Result.succeed(plays)
  }
}
