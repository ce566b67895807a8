/** What a run that looks for orphaned files found and did. */
import { Schema } from "effect"

export const OrphansReport = Schema.Struct({
  dryRun: Schema.Boolean,
  /** Why nothing was looked for; `null` = it was. */
  skippedBecause: Schema.NullOr(Schema.String),
  folders: Schema.Array(
    Schema.Struct({
      path: Schema.String,
      skippedBecause: Schema.NullOr(Schema.String).annotate({ description: "null = it was scanned." })
    })
  ),
  orphans: Schema.Int.annotate({ description: "How many were found." }),
  /** The first hundred, those that are planned first. */
  items: Schema.Array(
    Schema.Struct({
      path: Schema.String,
      files: Schema.Int,
      bytes: Schema.Finite,
      freesBytes: Schema.Finite,
      newestAt: Schema.String,
      outcome: Schema.Literals(["waiting", "planned", "listed", "kept"]),
      because: Schema.String
    })
  ),
  quarantined: Schema.Int,
  deleted: Schema.Int,
  failed: Schema.Int
}).annotate({ identifier: "OrphansReport" })
export type OrphansReport = typeof OrphansReport.Type

const mostListed = 100

export const listedOrphans = (items: OrphansReport["items"]): OrphansReport["items"] =>
  items
    .toSorted((one, other) => Number(other.outcome === "planned") - Number(one.outcome === "planned"))
    .slice(0, mostListed)
