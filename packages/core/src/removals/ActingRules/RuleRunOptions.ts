/** Options of one run of an acting rule. */
import { Schema } from "effect"

export const RuleRunOptions = Schema.Struct({
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Compute everything without writing anything." }),
  force: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Act even on a larger share of the library than the setting `rules.maxActingShare` accepts."
  }),
  sync: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Read the integrations first; the default is taken from the settings."
  })
}).annotate({ identifier: "RuleRunOptions" })
export type RuleRunOptions = typeof RuleRunOptions.Type
