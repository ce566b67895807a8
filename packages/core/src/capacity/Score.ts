/**
 * The score of an item, 0..1: the weighted mean of its factors. Factors that do not apply are left out of the mean; one
 * that applies, has weight and lacks its fact makes the item undecided, and the score provisional.
 */
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { RuleOutcome } from "../rules/RuleOutcome.ts"
import { type Factor, type FactorOutcome, isAbout } from "./Factors.ts"
import type { Weights } from "./ScoreWeights.ts"

export interface Score {
  /** 0..1; over the factors that are known, hence provisional while something is undecided. */
  readonly score: number
  /** Unknown facts that nobody allowed to be unknown. While there is one the item must not become a candidate. */
  readonly undecided: ReadonlyArray<FactName>
}

const none: ReadonlyArray<never> = []

/**
 * The quick way. `allowedUnknown` are the facts a person allowed to be unknown: a factor that lacks one of them is left
 * out of the mean. `now` is epoch milliseconds.
 *
 * score = SUM(raw * weight) / SUM(weight) over applicable, known factors; 0 when the weights sum to 0.
 */
export const score = (
  sheet: FactSheet,
  kind: ItemKind,
  weights: Weights,
  factors: ReadonlyArray<Factor>,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): Score => {
  let sum = 0
  let total = 0
  let undecided: Array<FactName> | null = null
  for (const factor of factors) {
    const weight = weights[factor.key] ?? 0
    // A factor without weight changes nothing, so its fact need not be asked for.
    if (weight === 0) continue
    const outcome = outcomeOf(factor, sheet, kind, now)
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

/** What orders candidates: the score times the modifiers of the rules, not capped. What a rule keeps has rank 0. */
export const rankOf = (score: number, rules: Pick<RuleOutcome, "kept" | "modifier">): number =>
  rules.kept ? 0 : score * rules.modifier

/** A factor's word on an item of this kind; `null` = not applicable. */
export const outcomeOf = (factor: Factor, sheet: FactSheet, kind: ItemKind, now: number): FactorOutcome => {
  if (!isAbout(factor, kind)) return null
  const outcome = factor.raw(sheet, now)
  if (typeof outcome !== "number" || (outcome >= 0 && outcome <= 1)) return outcome
  return outcome > 1 ? 1 : 0
}
