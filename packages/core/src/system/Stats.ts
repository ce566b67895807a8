/**
 * Figures for dashboards. Each is a counter that triggers maintain, so the cost of reading them does not depend on the
 * size of the library.
 */
import { Schema } from "effect"

export const Stats = Schema.Struct({
  items: Schema.Int.annotate({
    description: "Items currently in the library: of a show and its seasons, only the unit that is removed is counted."
  }),
  bytes: Schema.Finite.annotate({
    description: "Total bytes of these items. Each file counts once, even if two applications manage it."
  }),
  openRemovals: Schema.Int.annotate({
    description: "Open removals: proposed, snoozed, scheduled, executing or failed."
  }),
  openByState: Schema.Struct({
    proposed: Schema.Int,
    snoozed: Schema.Int,
    scheduled: Schema.Int,
    executing: Schema.Int,
    failed: Schema.Int
  }).annotate({ description: "Open removals by state." }),
  removedItems: Schema.Int.annotate({
    description: "Items removed since the first start. A show that was removed with its seasons counts as its seasons."
  }),
  removedBytes: Schema.Finite.annotate({ description: "Bytes freed by removals since the first start." }),
  protections: Schema.Int
}).annotate({ identifier: "Stats" })
export type Stats = typeof Stats.Type
