/** An entry of a preview. */
import { Schema } from "effect"
import { itemKinds } from "../../integrations/Observations.ts"
import { factNames } from "../../library/ItemFacts.ts"
import { decisionStatuses } from "../Decision.ts"

export const previewStatuses = [...decisionStatuses, "planned"] as const

export const PreviewedItem = Schema.Struct({
  itemId: Schema.String,
  integrationId: Schema.String,
  diskGroupId: Schema.NullOr(Schema.String),
  kind: Schema.Literals(itemKinds),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  sizeBytes: Schema.Finite,
  status: Schema.Literals(decisionStatuses),
  planned: Schema.Boolean,
  score: Schema.Finite,
  rank: Schema.Finite,
  undecidedBecause: Schema.Array(Schema.Literals(factNames)),
  reason: Schema.String
}).annotate({ identifier: "PreviewedItem" })
export type PreviewedItem = typeof PreviewedItem.Type
