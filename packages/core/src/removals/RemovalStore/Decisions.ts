/**
 * The stored format of decisions: each reading once, readings of one source at one time grouped together, and without the
 * names of what all of them have. That is less than half of the JSON, of which a run may write thousands.
 */
import { Result, Schema } from "effect"
import { Explanation } from "../../capacity/Explanation.ts"
import { FactorTrace, ScoreTrace } from "../../capacity/ScoreTrace.ts"
import type { FactName } from "../../library/Facts.ts"
import { factNames } from "../../library/ItemFacts.ts"
import { FactReading, readingReasons } from "../../rules/FactReading.ts"
import { toJson } from "../../storage/Rows.ts"
import {
  type DocumentFormat,
  issueText,
  readDocument,
  type StoredDocumentInvalid
} from "../../storage/StoredDocuments.ts"

/**
 * Form 3 has factors and sources as lists, and other readings of factors once. Form 2 says its version. Form 1 is the same
 * without it; at first without `known`, with all readings among the facts.
 */
const version = 3

/** Names of facts as they were then: those that do not exist any more are left out. */
const FormerNames = Schema.Array(Schema.String)

const MissingFact = Schema.Struct({
  fact: Schema.String,
  reason: Schema.Literals(readingReasons),
  detail: Schema.String,
  allowed: Schema.Boolean
})

/** What is the same in all forms. */
const common = {
  ...Explanation.fields,
  v: Schema.optionalKey(Schema.Int),
  undecidedBecause: FormerNames
}
const commonScore = { ...ScoreTrace.fields, undecided: FormerNames, allowed: FormerNames }

const PackedFactor = Schema.Tuple([
  Schema.String,
  Schema.String,
  Schema.Finite,
  Schema.Boolean,
  Schema.NullOr(Schema.Finite),
  Schema.NullOr(Schema.Finite),
  Schema.String,
  /** Names of readings that are among the facts or the other readings. */
  Schema.Array(Schema.String),
  Schema.NullOr(MissingFact)
])

const Packed = Schema.Struct({
  ...common,
  score: Schema.Struct({ ...commonScore, factors: Schema.Array(PackedFactor) }),
  known: Schema.Array(
    Schema.Tuple([
      Schema.NullOr(Schema.String),
      Schema.NullOr(Schema.String),
      Schema.Record(Schema.String, FactReading.fields.value)
    ])
  ),
  /** Unknown readings. */
  facts: Schema.Array(FactReading),
  /** Readings of factors that are not among the facts: those of facts that do not apply to the item. */
  others: Schema.Array(FactReading)
})
type Packed = typeof Packed.Type

const Former = Schema.Struct({
  ...common,
  score: Schema.Struct({
    ...commonScore,
    factors: Schema.Array(
      Schema.Struct({
        ...FactorTrace.fields,
        /** A reading that is among the facts is referenced by name. */
        facts: Schema.Array(Schema.Union([Schema.String, FactReading])),
        unknown: Schema.optionalKey(MissingFact)
      })
    )
  }),
  known: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        source: Schema.NullOr(Schema.String),
        at: Schema.NullOr(Schema.String),
        values: Schema.Record(Schema.String, FactReading.fields.value)
      })
    )
  ),
  /** Unknown readings. */
  facts: Schema.Array(FactReading)
})
type Former = typeof Former.Type

type Values = Record<string, FactReading["value"]>

export const packDecision = (decision: Explanation): string => {
  const listed = new Set<string>()
  const known: Array<[string | null, string | null, Values]> = []
  const facts: Array<FactReading> = []
  for (const reading of decision.facts) {
    const { at, fact, source, state, value } = reading
    listed.add(fact)
    if (state !== "known") {
      facts.push(reading)
      continue
    }
    let group = known.find((candidate) => candidate[0] === source && candidate[1] === at)
    if (group === undefined) known.push((group = [source, at, {}]))
    group[2][fact] = value
  }
  const others: Array<FactReading> = []
  const factors = decision.score.factors.map((factor): Packed["score"]["factors"][number] => {
    for (const reading of factor.facts) {
      if (listed.has(reading.fact)) continue
      listed.add(reading.fact)
      others.push(reading)
    }
    const { applicable, contribution, key, name, raw, reason, unknown, weight } = factor
    const names = factor.facts.map(({ fact }) => fact)
    return [key, name, weight, applicable, raw, contribution, reason, names, unknown ?? null]
  })
  return toJson({
    ...decision,
    v: version,
    score: { ...decision.score, factors },
    known,
    facts,
    others
  } satisfies Packed)
}

export const unpackDecision = (removalId: string, text: string): Result.Result<Explanation, StoredDocumentInvalid> =>
  readDocument(format, removalId, text)

const decode = Schema.decodeUnknownResult(Packed, { errors: "all" })
const decodeFormer = Schema.decodeUnknownResult(Former, { errors: "all" })

const format: DocumentFormat<Explanation> = {
  table: "removals",
  column: "decision",
  version,
  read: (value, form) =>
    Result.mapBoth(form < 3 ? decodeFormer(value) : Result.map(decode(value), asFormer), {
      onSuccess: unpack,
      onFailure: ({ issue }) => issueText(issue)
    })
}

/** With the readings that are not among the facts in each factor that read them. */
const asFormer = ({ known, others, ...decision }: Packed): Former => {
  const other = new Map(others.map((reading) => [reading.fact, reading]))
  return {
    ...decision,
    known: known.map(([source, at, values]) => ({ source, at, values })),
    score: {
      ...decision.score,
      factors: decision.score.factors.map(
        ([key, name, weight, applicable, raw, contribution, reason, facts, unknown]) => ({
          key,
          name,
          weight,
          applicable,
          raw,
          contribution,
          facts: facts.map((fact) => other.get(fact) ?? fact),
          ...(unknown === null ? {} : { unknown }),
          reason
        })
      )
    }
  }
}

const unpack = ({ known = [], v: _v, ...decision }: Former): Explanation => {
  const readings = new Map<string, FactReading>(decision.facts.map((reading) => [reading.fact, reading]))
  for (const { at, source, values } of known) {
    for (const fact of factNames) {
      const value = values[fact]
      if (value === undefined) continue
      readings.set(fact, { fact, state: "known", value, source, at, reason: null, detail: null })
    }
  }
  const readingsOf = (entries: ReadonlyArray<string | FactReading>) =>
    entries.flatMap((entry) => (typeof entry === "string" ? (readings.get(entry) ?? []) : [entry]))
  return {
    ...decision,
    undecidedBecause: decision.undecidedBecause.filter(isFactName),
    score: {
      ...decision.score,
      undecided: decision.score.undecided.filter(isFactName),
      allowed: decision.score.allowed.filter(isFactName),
      factors: decision.score.factors.map(({ facts, unknown, ...factor }) => ({
        ...factor,
        facts: readingsOf(facts),
        ...(unknown !== undefined && isFactName(unknown.fact) ? { unknown: { ...unknown, fact: unknown.fact } } : {})
      }))
    },
    facts: factNames.flatMap((fact) => readings.get(fact) ?? [])
  }
}

const isFactName = (name: string): name is FactName => factNames.some((known) => known === name)
