/** Explains a score: the result of every factor, the facts behind it, and its contribution. */
import { Schema } from "effect"
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import { factNames } from "../library/ItemFacts.ts"
import { FactReading, readFact, readingReasons } from "../rules/FactReading.ts"
import { type Factor, type FactorOutcome, isAbout } from "./Factors.ts"
import { outcomeOf, scoreOf } from "./Score.ts"
import type { Weights } from "./ScoreWeights.ts"

export const FactorTrace = Schema.Struct({
  key: Schema.String,
  name: Schema.String,
  weight: Schema.Finite,
  /** Some configured integration can know its fact for this kind of item. */
  applicable: Schema.Boolean,
  /** 0..1; `null` if it is not applicable or its fact is unknown. */
  raw: Schema.NullOr(Schema.Finite),
  /** Its share of the score: raw * weight / sum of the weights that count. The contributions add up to the score. */
  contribution: Schema.NullOr(Schema.Finite),
  facts: Schema.Array(FactReading),
  /** The missing fact. */
  unknown: Schema.optionalKey(
    Schema.Struct({
      fact: Schema.Literals(factNames),
      reason: Schema.Literals(readingReasons),
      detail: Schema.String,
      /** A person allowed this fact to be unknown: the factor is left out and does not make the item undecided. */
      allowed: Schema.Boolean
    })
  ),
  /** The same as text. */
  reason: Schema.String
}).annotate({ identifier: "FactorTrace" })
export type FactorTrace = typeof FactorTrace.Type

export const ScoreTrace = Schema.Struct({
  score: Schema.Finite,
  /** Something unknown is left out of the score. */
  provisional: Schema.Boolean,
  undecided: Schema.Array(Schema.Literals(factNames)),
  /** Unknown facts that a person has allowed to be unknown. */
  allowed: Schema.Array(Schema.Literals(factNames)),
  factors: Schema.Array(FactorTrace),
  /** Why the score is 0 without any factor contributing; `null` otherwise. */
  reason: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ScoreTrace" })
export type ScoreTrace = typeof ScoreTrace.Type

/** Takes the arguments of `score` and computes the same score and the same undecided facts. */
export const traceScore = (
  sheet: FactSheet,
  kind: ItemKind,
  weights: Weights,
  factors: ReadonlyArray<Factor>,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): ScoreTrace => {
  const outcomes = factors.map((factor) => outcomeOf(factor, sheet, kind, now))
  const total = sumOf(factors, ({ key }, index) => (typeof outcomes[index] === "number" ? (weights[key] ?? 0) : 0))
  const traces = factors.map((factor, index) =>
    traceFactor(factor, outcomes[index] ?? null, sheet, kind, weights, total, now, allowedUnknown)
  )
  const result = scoreOf(factors, (_, index) => outcomes[index] ?? null, weights, allowedUnknown)
  const left = traces.filter((trace) => trace.unknown !== undefined && trace.weight > 0)
  return {
    score: result.score,
    provisional: left.length > 0,
    undecided: result.undecided,
    allowed: [...new Set(left.flatMap(({ unknown }) => (unknown?.allowed ? [unknown.fact] : [])))],
    factors: traces,
    reason: total > 0 ? null : reasonOfNothing(traces)
  }
}

/** What a factor adds to a score, without the facts behind it. */
export interface Contribution {
  readonly name: string
  /** As in `FactorTrace`; above 0. */
  readonly contribution: number
  readonly reason: string
}

/** The largest contributions to a score, as `traceScore` reports them. For lists, where whole traces would take long. */
export const largestContributions = (
  sheet: FactSheet,
  kind: ItemKind,
  weights: Weights,
  factors: ReadonlyArray<Factor>,
  now: number,
  atMost: number
): ReadonlyArray<Contribution> => {
  const counted: Array<{ readonly factor: Factor; readonly weighted: number }> = []
  let total = 0
  for (const factor of factors) {
    const weight = weights[factor.key] ?? 0
    if (weight === 0) continue
    const outcome = outcomeOf(factor, sheet, kind, now)
    if (typeof outcome !== "number") continue
    total += weight
    if (outcome > 0) counted.push({ factor, weighted: outcome * weight })
  }
  return counted
    .sort((a, b) => b.weighted - a.weighted)
    .slice(0, atMost)
    .map(({ factor, weighted }) => ({
      name: factor.name,
      contribution: weighted / total,
      reason: factor.reason(sheet, now)
    }))
}

const traceFactor = (
  factor: Factor,
  outcome: FactorOutcome,
  sheet: FactSheet,
  kind: ItemKind,
  weights: Weights,
  total: number,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): FactorTrace => {
  const { facts, key, name } = factor
  const weight = weights[key] ?? 0
  const about = { key, name, weight, facts: facts.map((fact) => readFact(sheet, fact)) }
  if (outcome === null) {
    const reason = isAbout(factor, kind)
      ? "No configured integration can know this; left out of the score"
      : `Does not apply to a ${kind}; left out of the score`
    return { ...about, applicable: false, raw: null, contribution: null, reason }
  }
  if (typeof outcome === "number") {
    const contribution = total === 0 ? 0 : (outcome * weight) / total
    return { ...about, applicable: true, raw: outcome, contribution, reason: factor.reason(sheet, now) }
  }
  const reading = readFact(sheet, outcome)
  const detail = reading.detail ?? "The value cannot be read"
  const allowed = allowedUnknown.has(outcome)
  return {
    ...about,
    applicable: true,
    raw: null,
    contribution: null,
    unknown: { fact: outcome, reason: reading.reason ?? "source-malformed", detail, allowed },
    reason: `Unknown: ${detail}${allowed ? "; allowed, left out of the score" : ""}`
  }
}

const reasonOfNothing = (traces: ReadonlyArray<FactorTrace>): string => {
  if (traces.every((trace) => trace.weight === 0)) return "All weights are zero"
  return traces.some((trace) => trace.unknown !== undefined && trace.weight > 0)
    ? "No factor with a weight is known"
    : "No factor with a weight applies"
}

const sumOf = <A>(entries: ReadonlyArray<A>, value: (entry: A, index: number) => number): number =>
  entries.reduce((sum, entry, index) => sum + value(entry, index), 0)
