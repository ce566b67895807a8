/** A rule as people write it and the database stores it: its subject, a name, an effect, a condition and a scope. */
import { Effect, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { Condition } from "./Condition.ts"
import { longestList, longestText } from "./Operands.ts"
import { RuleAction, RulePriority } from "./RuleAction.ts"
import { ArrangeAction, HitAndRunAction, SeedAction } from "./SeedingActions.ts"
import { StrikeAction } from "./StrikeAction.ts"

const names = Schema.Array(Schema.String.check(Schema.isBetweenLength(1, longestText))).check(
  Schema.isMaxLength(longestList)
)

/** The item must match every list that is given and not empty; without any list, the rule applies to everything. */
export const RuleScope = Schema.Struct({
  integrationIds: Schema.optionalKey(names),
  itemKinds: Schema.optionalKey(Schema.Array(Schema.Literals(itemKinds))),
  /** Titles of collections; the item must be in one of them. */
  collections: Schema.optionalKey(names),
  /** Titles of the media server's libraries. */
  libraries: Schema.optionalKey(names)
}).annotate({ identifier: "RuleScope" })
export type RuleScope = typeof RuleScope.Type

/** The subject of rules that specify none. */
export const defaultSubject = "item"

/** Name of a subject (`RuleSubjects`). */
export const SubjectName = Schema.String.check(Schema.isBetweenLength(1, 60))

/** Of rules about items, and of those about downloads. */
export const AnyRuleAction = Schema.Union([
  RuleAction,
  StrikeAction,
  SeedAction,
  HitAndRunAction,
  ArrangeAction
]).annotate({ identifier: "AnyRuleAction" })
export type AnyRuleAction = typeof AnyRuleAction.Type

export const isItemAction = (action: AnyRuleAction | undefined): action is RuleAction =>
  action !== undefined && (action.type === "report" || action.type === "remove" || action.type === "change")

const EffectName = Schema.String.check(Schema.isBetweenLength(1, 60)).annotate({
  description:
    "One of the effects of its subject, as `GET /rules/fields` lists them; `always_keep` means `always-keep`."
})

export const RuleDefinition = Schema.Struct({
  subject: Schema.optionalKey(SubjectName).annotate({
    description: "Name of the subject of the rule; `item` by default."
  }),
  name: Schema.Trim.check(Schema.isBetweenLength(1, 120)),
  enabled: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  effect: EffectName,
  condition: Condition,
  scope: Schema.optionalKey(RuleScope),
  action: Schema.optionalKey(AnyRuleAction).pipe(
    Schema.annotateKey({
      description:
        "What a rule with the effect `act`, `strike`, `seed`, `hit-and-run` or `arrange` does; required there, and refused for every other effect."
    })
  ),
  priority: Schema.optionalKey(RulePriority)
}).annotate({ identifier: "NewRule" })
export type RuleDefinition = typeof RuleDefinition.Type

/** A stored rule. */
export interface Rule extends RuleDefinition {
  readonly id: string
}
