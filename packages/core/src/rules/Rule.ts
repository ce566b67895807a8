/** A rule as people write it and the database holds it: its subject, a name, an effect, a condition and what it is about. */
import { Effect, Schema } from "effect"
import { itemKinds } from "../integrations/Observations.ts"
import { Condition } from "./Condition.ts"
import { longestList, longestText } from "./Operands.ts"

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

/** What rules are about when nobody says it. */
export const defaultSubject = "item"

/** Name of a subject (`RuleSubjects`). */
export const SubjectName = Schema.String.check(Schema.isBetweenLength(1, 60))

const EffectName = Schema.String.check(Schema.isBetweenLength(1, 60)).annotate({
  description: "One of those that its subject has, as `GET /rules/fields` tells them; `always_keep` is `always-keep`."
})

export const RuleDefinition = Schema.Struct({
  subject: Schema.optionalKey(SubjectName).annotate({ description: "What the rule is about; `item` by default." }),
  name: Schema.Trim.check(Schema.isBetweenLength(1, 120)),
  enabled: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  effect: EffectName,
  condition: Condition,
  scope: Schema.optionalKey(RuleScope)
}).annotate({ identifier: "NewRule" })
export type RuleDefinition = typeof RuleDefinition.Type

/** A stored rule. */
export interface Rule extends RuleDefinition {
  readonly id: string
}
