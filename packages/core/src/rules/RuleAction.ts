/** What a rule with the effect `act` does with the items that it matches. */
import { Effect, Schema } from "effect"
import { removalActions } from "../integrations/Kind.ts"
import { longestList } from "./Operands.ts"

/** Days between the first match and the removal, unless the rule says otherwise. */
export const defaultGraceDays = 7

const Report = Schema.Struct({
  type: Schema.Literal("report")
}).annotate({
  identifier: "ReportAction",
  description: "Lists what matches in the report of the run; changes nothing."
})

const Remove = Schema.Struct({
  type: Schema.Literal("remove"),
  action: Schema.optionalKey(Schema.Literals(removalActions)).annotate({
    description:
      "What is done to the item; by default, the entry of a whole is removed with its files, and a part is unmonitored and its files are deleted."
  }),
  graceDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3650 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultGraceDays)),
    Schema.annotateKey({
      description:
        "Days between the first match and the removal. Further runs never move this time; 0 = with the next run of removals."
    })
  ),
  approval: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Whether a person must approve each removal; then it is proposed, and has no due time until then."
  }),
  importExclusion: Schema.optionalKey(Schema.Boolean).annotate({
    description:
      "Whether import lists are kept from adding the item again after `remove-entry`; by default, as the option of its integration says."
  }),
  resetRequest: Schema.optionalKey(Schema.Boolean).annotate({
    description:
      "Whether its request is reset afterwards in the application for requests, so that it can be requested again."
  })
})
  .check(
    Schema.makeFilter(({ action, importExclusion }) =>
      importExclusion !== undefined && action !== undefined && action !== "remove-entry"
        ? { path: ["importExclusion"], issue: `has no effect on ${action}: the entry stays` }
        : undefined
    )
  )
  .annotate({ identifier: "RemoveAction", description: "Queues what matches for removal." })

const tagText = Schema.Trim.check(Schema.isBetweenLength(1, 60))
const AddedTags = Schema.Array(
  tagText.check(Schema.isPattern(/^[a-z0-9-]+$/i, { message: "takes only letters, digits and hyphens" }))
).check(Schema.isMaxLength(longestList))
const RemovedTags = Schema.Array(tagText).check(Schema.isMaxLength(longestList))

export const ChangeAction = Schema.Struct({
  type: Schema.Literal("change"),
  addTags: Schema.optionalKey(AddedTags).annotate({ description: "Tags that it is given; created if necessary." }),
  removeTags: Schema.optionalKey(RemovedTags).annotate({ description: "Tags that are taken from it." }),
  qualityProfile: Schema.optionalKey(Schema.Trim.check(Schema.isBetweenLength(1, 120))).annotate({
    description: "Name of the quality profile that it is switched to."
  }),
  search: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Whether a search starts after the switch to the quality profile."
  }),
  unmonitor: Schema.optionalKey(Schema.Boolean).annotate({ description: "Whether it is unmonitored." })
})
  .check(
    Schema.makeFilter(({ addTags = [], qualityProfile, removeTags = [], search, unmonitor }) => {
      const removed = new Set(removeTags.map((tag) => tag.toLowerCase()))
      const both = addTags.findIndex((tag) => removed.has(tag.toLowerCase()))
      if (both !== -1) return { path: ["addTags", both], issue: "is also among the tags that are taken away" }
      if (search === true && qualityProfile === undefined) {
        return { path: ["search"], issue: "needs a quality profile to switch to" }
      }
      return addTags.length === 0 && removeTags.length === 0 && qualityProfile === undefined && unmonitor !== true
        ? "changes nothing: it needs addTags, removeTags, qualityProfile or unmonitor"
        : undefined
    })
  )
  .annotate({
    identifier: "ChangeAction",
    description: "Changes the entry of what matches in its application. What is as wanted already is left alone."
  })

export const RuleAction = Schema.Union([Report, Remove, ChangeAction]).annotate({ identifier: "RuleAction" })
export type RuleAction = typeof RuleAction.Type
export type RemoveAction = typeof Remove.Type
export type ChangeAction = typeof ChangeAction.Type

export const lowestPriority = 0
export const highestPriority = 100

export const RulePriority = Schema.Int.check(
  Schema.isBetween({ minimum: lowestPriority, maximum: highestPriority })
).annotate({
  description:
    "Of the acting rules that match an item, only the one with the highest priority acts, and of those the oldest; 0 by default."
})
