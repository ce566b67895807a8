/**
 * The score of an item, 0..1: the weighted mean of its factors. Factors that do not apply are left out of the mean; if
 * a factor applies and has a weight, but its fact is unknown, the item is undecided and the score provisional.
 */
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { RuleOutcome } from "../rules/RuleOutcome.ts"
import { type Factor, type FactorOutcome, isAbout } from "./Factors.ts"
import type { Weights } from "./ScoreWeights.ts"

export interface Score {
  /** 0..1, computed over the known factors; hence provisional while a fact is undecided. */
  readonly score: number
  /** Unknown facts that nobody has allowed to be unknown. While there is one, the item must not become a candidate. */
  readonly undecided: ReadonlyArray<FactName>
}

const none: ReadonlyArray<never> = []

/**
 * The fast path, without a trace. `allowedUnknown` are the facts that a person allowed to be unknown: a factor that
 * needs one of them is left out of the mean. `now` is in epoch milliseconds.
 *
 * score = SUM(raw * weight) / SUM(weight) over applicable, known factors; 0 if the weights sum to 0.
 */
export const score = (
  sheet: FactSheet,
  kind: ItemKind,
  weights: Weights,
  factors: ReadonlyArray<Factor>,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): Score => scoreOf(factors, (factor) => outcomeOf(factor, sheet, kind, now), weights, allowedUnknown)

/** The same from outcomes of the factors, of which only those with a weight are taken. */
export const scoreOf = (
  factors: ReadonlyArray<Factor>,
  outcomeAt: (factor: Factor, index: number) => FactorOutcome,
  weights: Weights,
  allowedUnknown: ReadonlySet<FactName>
): Score => {
  let sum = 0
  let total = 0
  let undecided: Array<FactName> | null = null
  for (let index = 0; index < factors.length; index++) {
    const factor = factors[index]!
    const weight = weights[factor.key] ?? 0
    // A factor without weight has no effect, so its fact need not be read.
    if (weight === 0) continue
    const outcome = outcomeAt(factor, index)
    if (typeof outcome === "number") {
      sum += outcome * weight
      total += weight
    } else if (outcome !== null && !allowedUnknown.has(outcome)) {
      undecided ??= []
      if (!undecided.includes(outcome)) undecided.push(outcome)
    }
  }
  return { score: total === 0 ? 0 : Math.min(1, sum / total), undecided: undecided ?? none }
}

/**
 * The sort key of candidates: the score times the modifiers of the rules, without an upper limit. An item that a rule
 * keeps has rank 0.
 */
export const rankOf = (score: number, rules: Pick<RuleOutcome, "kept" | "modifier">): number =>
  rules.kept ? 0 : score * rules.modifier

/** The outcome of a factor for an item of this kind; `null` = not applicable. */
export const outcomeOf = (factor: Factor, sheet: FactSheet, kind: ItemKind, now: number): FactorOutcome => {
  if (!isAbout(factor, kind)) return null
  const outcome = factor.raw(sheet, now)
  if (typeof outcome !== "number" || (outcome >= 0 && outcome <= 1)) return outcome
  return outcome > 1 ? 1 : 0
}
