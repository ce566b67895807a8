/** The factors of the score in this installation: the built-in ones and additional ones. */
import { Context, Layer, Schema } from "effect"
import { nameTable } from "../problems/Names.ts"
import { FactorKey } from "./ScoringSettings.ts"
import { defaultFactors, type Factor } from "./Factors.ts"
import { Weight } from "./ScoreWeights.ts"

const reference = Context.Reference<ReadonlyArray<Factor>>("tendarr/capacity/ScoreFactors", {
  defaultValue: () => defaultFactors
})

/**
 * The effective factors, in the order in which they are shown. No layer is needed: the default is `defaultFactors`.
 * `ScoreFactors.layerWith([mine])` adds factors.
 */
export const ScoreFactors = Object.assign(reference, {
  /**
   * The built-in factors, and `extra` ones; a factor with the key of another one replaces it. An invalid key or weight,
   * or a name that two factors share, is a programming error and fails the layer.
   *
   * @example
   * ```ts
   * import type { Factor } from "@tendarr/core/capacity/Factors"
   * import { ScoreFactors } from "@tendarr/core/capacity/ScoreFactors"
   * import { ServicesOver } from "@tendarr/core/Services"
   * import { Layer } from "effect"
   *
   * declare const seasons: Factor
   *
   * export const services = ServicesOver.pipe(Layer.provide(ScoreFactors.layerWith([seasons])))
   * ```
   */
  layerWith: (extra: ReadonlyArray<Factor>): Layer.Layer<never> =>
    Layer.sync(reference, () => {
      const factors = [...new Map([...defaultFactors, ...extra].map((factor) => [factor.key, factor])).values()]
      for (const { defaultWeight, key } of factors) {
        if (!isKey(key))
          throw new Error(`"${key}" cannot be the key of a factor: it must be a letter, then letters, digits, _ or -`)
        if (!isWeight(defaultWeight)) throw new Error(`The weight of ${key} is not a whole number from 0 to 10`)
      }
      nameTable(factors, (factor) => [factor.key, ...factor.aliases])
      return factors
    })
})

const isKey = Schema.is(FactorKey)
const isWeight = Schema.is(Weight)
