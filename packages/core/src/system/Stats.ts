/** Figures for dashboards. Each is a counter that triggers keep, so that reading them costs the same for any library. */
import { Schema } from "effect"

export const Stats = Schema.Struct({
  items: Schema.Int.annotate({
    description: "Items that are there: of a show and its seasons not both, but what is removed of the two."
  }),
  bytes: Schema.Finite.annotate({
    description: "Bytes of all of them, each file once, also where two applications manage it."
  }),
  openRemovals: Schema.Int.annotate({ description: "Removals whose intent is still alive." }),
  openByState: Schema.Struct({
    proposed: Schema.Int,
    snoozed: Schema.Int,
    scheduled: Schema.Int,
    executing: Schema.Int,
    failed: Schema.Int
  }).annotate({ description: "The same by state." }),
  removedItems: Schema.Int.annotate({
    description: "Items removed since the first start; a show that went with its seasons counts as these."
  }),
  removedBytes: Schema.Finite.annotate({ description: "Bytes removed since the first start." }),
  protections: Schema.Int
}).annotate({ identifier: "Stats" })
export type Stats = typeof Stats.Type
