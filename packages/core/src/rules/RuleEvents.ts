/** Events of rules. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType } from "../events/EventType.ts"
import { HeldNames } from "../library/LibraryEvents.ts"

const Scope = Schema.Struct({ integrationIds: Schema.Array(Schema.String) })
const ofRule = { category: "rules", subject: "rule" } as const

export const RuleEvents = {
  created: eventType("rule.created", {
    ...ofRule,
    description: "A rule was created.",
    payload: Schema.Struct({ effect: Schema.String })
  }),
  updated: eventType("rule.updated", {
    ...ofRule,
    description: "A rule was changed, switched on or switched off.",
    payload: Schema.Struct(changeFields)
  }),
  removed: eventType("rule.removed", {
    ...ofRule,
    description: "A rule was removed.",
    payload: Schema.Struct({
      rule: Schema.Record(Schema.String, Schema.Unknown).annotate({
        description: "The whole rule, as the API has told it."
      })
    })
  }),
  reordered: eventType("rules.reordered", {
    category: "rules",
    description: "The order of the rules was changed.",
    payload: Schema.Struct({
      before: Schema.Array(Schema.String).annotate({ description: "Ids of all rules, in order." }),
      after: Schema.Array(Schema.String)
    })
  }),
  acknowledged: eventType("rule.acknowledged", {
    ...ofRule,
    description: "A person has looked at a rule whose names were lost: it goes by the names that are there.",
    payload: Schema.Struct({ names: Schema.Array(Schema.Struct({ what: Schema.String, name: Schema.String })) })
  }),
  namesLost: eventType("rule.names-lost", {
    ...ofRule,
    severity: "warning",
    description: "Something that a rule names is no longer there; what the rule kept by it stays.",
    payload: HeldNames
  }),
  namesFound: eventType("rule.names-found", {
    ...ofRule,
    description:
      "Something that a rule names is there again, or the rule was moved to the integration that took its place.",
    payload: Schema.Struct({
      names: Schema.optionalKey(HeldNames.fields.names).annotate({ description: "When what is named is there again." }),
      before: Schema.optionalKey(Scope).annotate({
        description: "When the rule was moved: the integrations it was about."
      }),
      after: Schema.optionalKey(Scope)
    })
  })
}
