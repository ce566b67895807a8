/** The effect of a rule on the items that it matches: keep them, or make keeping or removing them likelier. */
import { Schema } from "effect"

export const ruleEffects = [
  "always-keep",
  "prefer-keep",
  "lean-keep",
  "lean-remove",
  "prefer-remove",
  "always-remove"
] as const
export const RuleEffect = Schema.Literals(ruleEffects).annotate({ identifier: "RuleEffect" })
export type RuleEffect = typeof RuleEffect.Type

/**
 * The effect of rules that neither keep nor weigh, but do something by themselves with what they match (`RuleAction`).
 * They apply whether or not a disk is too full.
 */
export const actEffect = "act"
export const itemEffects = [...ruleEffects, actEffect] as const
export type ItemEffect = (typeof itemEffects)[number]

/**
 * Factor by which a matching rule multiplies an item's score. `always-keep` needs none: an item that it keeps is not a
 * candidate at all. The figures are those of Capacitarr. Those of several rules are multiplied (`ModifierProduct`).
 */
export const modifiers: { readonly [E in RuleEffect]: number } = {
  "always-keep": 1,
  "prefer-keep": 0.2,
  "lean-keep": 0.5,
  "lean-remove": 1.5,
  "prefer-remove": 3,
  "always-remove": 100
}

/**
 * The product of many modifiers. Between 10^-100 and 10^100 it is the exact product; beyond that, its exponent
 * approaches 200 ever more slowly, so that no number of rules makes it infinite or 0, and the larger of two products
 * stays the larger one.
 */
export class ModifierProduct {
  private product = 1
  private hundreds = 0

  multiply(modifier: number): void {
    this.product *= modifier
    if (this.product > farOut) {
      this.product /= farOut
      this.hundreds += 1
    } else if (this.product < 1 / farOut) {
      this.product *= farOut
      this.hundreds -= 1
    }
  }

  get value(): number {
    if (this.hundreds === 0) return this.product
    const exponent = Math.log10(this.product) + this.hundreds * exactExponent
    const beyond = Math.abs(exponent) - exactExponent
    if (beyond <= 0) return 10 ** exponent
    return 10 ** (Math.sign(exponent) * (exactExponent + (exactExponent * beyond) / (exactExponent + beyond)))
  }
}

const exactExponent = 100
const farOut = 10 ** exactExponent

export const keeps = (effect: RuleEffect): boolean => effect.endsWith("-keep")
