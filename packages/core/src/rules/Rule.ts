/** A rule as people write it and the database holds it: a name, an effect, a condition and the items it is about. */
import { Effect, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { Condition } from "./Condition.ts"
import { longestList, longestText } from "./Operands.ts"
import { RuleEffectInput } from "./RuleEffect.ts"

const names = Schema.Array(Schema.String.check(Schema.isBetweenLength(1, longestText))).check(
  Schema.isMaxLength(longestList)
)

/** Each list that is given and not empty must name the item; without any the rule is about everything. */
export const RuleScope = Schema.Struct({
  integrationIds: Schema.optionalKey(names),
  itemKinds: Schema.optionalKey(Schema.Array(Schema.Literals(itemKinds))),
  /** Titles of collections; the item must be in one of them. */
  collections: Schema.optionalKey(names),
  /** Titles of the media server's libraries. */
  libraries: Schema.optionalKey(names)
}).annotate({ identifier: "RuleScope" })
export type RuleScope = typeof RuleScope.Type

export const RuleDefinition = Schema.Struct({
  name: Schema.Trim.check(Schema.isBetweenLength(1, 120)),
  enabled: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  effect: RuleEffectInput,
  condition: Condition,
  scope: Schema.optionalKey(RuleScope)
}).annotate({ identifier: "NewRule" })
export type RuleDefinition = typeof RuleDefinition.Type

/** A rule that is stored. */
export interface Rule extends RuleDefinition {
  readonly id: string
}
