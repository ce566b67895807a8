/** The weights of the factors: whole numbers from 0 (not at all) to 10. */
import { Result, Schema } from "effect"
import type { Issue } from "../problems/Problem.ts"
import { nameTable, nearestName } from "../problems/Names.ts"
import { defaultFactors, type Factor } from "./Factors.ts"

export const Weight = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 }))

/** The weights of some factors in a request, by key or alias. `resolveWeights` checks the names. */
export const WeightsInput = Schema.Record(Schema.String, Weight).annotate({ identifier: "ScoreWeights" })
export type WeightsInput = typeof WeightsInput.Type

/** A weight for every factor, by its key. */
export type Weights = Readonly<Record<string, number>>

export const defaultWeights = (factors: ReadonlyArray<Factor> = defaultFactors): Weights =>
  Object.fromEntries(factors.map((factor) => [factor.key, factor.defaultWeight]))

/**
 * Overrides `base` with the given weights. Issues name unknown factors, factors that are named twice, and weights that
 * are not whole numbers from 0 to 10; their paths start with the name as it was given.
 */
export const resolveWeights = (
  given: Readonly<Record<string, unknown>>,
  factors: ReadonlyArray<Factor> = defaultFactors,
  base: Weights = defaultWeights(factors)
): Result.Result<Weights, ReadonlyArray<Issue>> => {
  const table = nameTable(factors, (factor) => [factor.key, ...factor.aliases])
  const issues: Array<Issue> = []
  const resolved = new Map<string, number>()
  for (const [name, weight] of Object.entries(given).slice(0, mostNames)) {
    const factor = table.get(name)
    if (factor === undefined) {
      const nearest = nearestName(name, table.names())
      const guess = nearest === null ? "" : `; did you mean ${table.get(nearest)?.key}?`
      issues.push({ path: [name], message: `there is no factor "${name.slice(0, 60)}"${guess}` })
    } else if (resolved.has(factor.key)) {
      issues.push({ path: [name], message: `the weight of ${factor.key} is given twice` })
    } else if (!isWeight(weight)) {
      issues.push({ path: [name], message: "a weight is a whole number from 0 to 10" })
    } else {
      resolved.set(factor.key, weight)
    }
  }
  if (issues.length > 0) return Result.fail(issues)
  return Result.succeed(
    Object.fromEntries(factors.map(({ key, defaultWeight }) => [key, resolved.get(key) ?? base[key] ?? defaultWeight]))
  )
}

/** Further names are not checked: so many cannot all be factors, and one issue is enough to refuse the request. */
const mostNames = 200

const isWeight = Schema.is(Weight)
