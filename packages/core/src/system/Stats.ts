/** Figures for dashboards. Each is a counter that triggers keep, so that reading them costs the same for any library. */
import { Schema } from "effect"

export const Stats = Schema.Struct({
  items: Schema.Int.annotate({ description: "Items that are there." }),
  bytes: Schema.Finite.annotate({
    description:
      "Bytes of movies, seasons and whatever else has files of its own; a file that two applications manage counts once."
  }),
  openRemovals: Schema.Int.annotate({ description: "Removals whose intent is still alive." }),
  removedItems: Schema.Int.annotate({ description: "Items removed since the first start." }),
  removedBytes: Schema.Finite.annotate({ description: "Bytes removed since the first start." }),
  protections: Schema.Int
}).annotate({ identifier: "Stats" })
export type Stats = typeof Stats.Type
