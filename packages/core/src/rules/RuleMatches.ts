/**
 * The results of the rules for one thing, one by one in their order: for subjects whose rooms decide for themselves what
 * follows from a match, be it the first one or all of them.
 */
import type { FactSheet } from "../library/Facts.ts"
import { nameInText } from "../library/HeldNames.ts"
import { calledIn } from "./RuleNames.ts"
import {
  type CompiledRule,
  type CompiledRuleSet,
  heldOf,
  inScope,
  type RuleTarget,
  truthOfRule,
  unknownFactsOf
} from "./RuleSet.ts"
import { type Application, applicationOf } from "./RuleSubject.ts"
import type { Truth } from "./Truth.ts"

export type { RuleTarget } from "./RuleSet.ts"

export interface RuleMatch<Name extends string, Effect extends string> {
  readonly rule: CompiledRule<Name, Effect>
  /** Never `false`: such rules are omitted. */
  readonly truth: Exclude<Truth, "false">
  readonly application: Application
  /** The facts that make it unknown. */
  readonly unknown: ReadonlyArray<Name>
  /** Lost names by which a rule that keeps still applies: `the tag "kids"`. Empty if the thing had none. */
  readonly lostNames: ReadonlyArray<string>
}

/** The rules that match a thing or may match it, in their order. `now` is epoch milliseconds. */
export const matchesOf = <Name extends string, Effect extends string>(
  { rules, subject }: CompiledRuleSet<Name, Effect>,
  target: RuleTarget,
  sheet: FactSheet<Name>,
  now: number
): ReadonlyArray<RuleMatch<Name, Effect>> =>
  rules.flatMap((rule) => {
    const truth = inScope(rule, target) ? truthOfRule(rule, target, sheet, now) : "false"
    if (truth === "false") return []
    const unknown = truth === "unknown" ? unknownFactsOf(rule, target, sheet, now) : []
    const held = rule.effect.keeps ? heldOf(rule, target) : undefined
    const lostNames = [...(held ?? [])].flatMap(([what, names]) =>
      names.map((name) => nameInText(what, name, calledIn(subject)))
    )
    return [{ rule, truth, application: applicationOf(rule.effect, truth), unknown, lostNames }]
  })
