/**
 * The stored format of decisions: each reading once, and readings of one source at one time grouped together. That is a
 * third of the JSON, of which a run may write thousands.
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

/** Form 2 says its version. Form 1 is the same without it; at first without `known`, with all readings among the facts. */
const version = 2

/** Names of facts as they were then: those that do not exist any more are left out. */
const FormerNames = Schema.Array(Schema.String)

const Packed = Schema.Struct({
  ...Explanation.fields,
  v: Schema.optionalKey(Schema.Int),
  undecidedBecause: FormerNames,
  score: Schema.Struct({
    ...ScoreTrace.fields,
    undecided: FormerNames,
    allowed: FormerNames,
    factors: Schema.Array(
      Schema.Struct({
        ...FactorTrace.fields,
        /** A reading that is among the facts is referenced by name. */
        facts: Schema.Array(Schema.Union([Schema.String, FactReading])),
        unknown: Schema.optionalKey(
          Schema.Struct({
            fact: Schema.String,
            reason: Schema.Literals(readingReasons),
            detail: Schema.String,
            allowed: Schema.Boolean
          })
        )
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
type Packed = typeof Packed.Type

interface Source {
  readonly source: string | null
  readonly at: string | null
  readonly values: Record<string, FactReading["value"]>
}

export const packDecision = (decision: Explanation): string => {
  const listed = new Set(decision.facts.map(({ fact }) => fact))
  const known: Array<Source> = []
  for (const { at, fact, source, state, value } of decision.facts) {
    if (state !== "known") continue
    let group = known.find((candidate) => candidate.source === source && candidate.at === at)
    if (group === undefined) known.push((group = { source, at, values: {} }))
    group.values[fact] = value
  }
  return toJson({
    v: version,
    ...decision,
    score: {
      ...decision.score,
      factors: decision.score.factors.map((factor) => ({
        ...factor,
        facts: factor.facts.map((reading) => (listed.has(reading.fact) ? reading.fact : reading))
      }))
    },
    known,
    facts: decision.facts.filter(({ state }) => state !== "known")
  } satisfies Packed)
}

export const unpackDecision = (removalId: string, text: string): Result.Result<Explanation, StoredDocumentInvalid> =>
  readDocument(format, removalId, text)

const decode = Schema.decodeUnknownResult(Packed, { errors: "all" })

const format: DocumentFormat<Explanation> = {
  table: "removals",
  column: "decision",
  version,
  read: (value) =>
    Result.mapBoth(decode(value), {
      onSuccess: unpack,
      onFailure: ({ issue }) => issueText(issue)
    })
}

const unpack = ({ known = [], v: _v, ...decision }: Packed): Explanation => {
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
