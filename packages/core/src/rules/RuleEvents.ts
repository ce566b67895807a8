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
    description: "A rule was changed, enabled or disabled.",
    payload: Schema.Struct(changeFields)
  }),
  removed: eventType("rule.removed", {
    ...ofRule,
    description: "A rule was removed.",
    payload: Schema.Struct({
      rule: Schema.Record(Schema.String, Schema.Unknown).annotate({
        description: "The complete rule, as returned by the API."
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
  held: eventType("rule.held", {
    ...ofRule,
    severity: "warning",
    description: "A run of an acting rule was held, because it would newly act on too large a share of the library.",
    payload: Schema.Struct({
      items: Schema.Int.annotate({ description: "Items that it would have newly queued or changed." }),
      share: Schema.Finite.annotate({ description: "The share of the library that they are, 0..1." }),
      accepted: Schema.Finite.annotate({ description: "The accepted share, 0..1." })
    })
  }),
  acknowledged: eventType("rule.acknowledged", {
    ...ofRule,
    description: "A person reviewed a rule whose names were lost: it now uses only the names that exist.",
    payload: Schema.Struct({ names: Schema.Array(Schema.Struct({ what: Schema.String, name: Schema.String })) })
  }),
  namesLost: eventType("rule.names-lost", {
    ...ofRule,
    severity: "warning",
    description: "A name in a rule was lost; the items that the rule kept by it stay kept.",
    payload: HeldNames
  }),
  namesFound: eventType("rule.names-found", {
    ...ofRule,
    description:
      "A lost name in a rule was found again, or the rule was updated to the integration that replaced a removed one.",
    payload: Schema.Struct({
      names: Schema.optionalKey(HeldNames.fields.names).annotate({
        description: "Present if the names were found again."
      }),
      before: Schema.optionalKey(Scope).annotate({
        description: "Present if the rule was updated: the integrations in its scope until then."
      }),
      after: Schema.optionalKey(Scope)
    })
  })
}
