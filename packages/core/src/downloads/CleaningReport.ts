/** What a run of the rules about downloads did, or would do. */
import { Schema } from "effect"

const Outcome = Schema.Literals([
  "ignored",
  "held",
  "unknown",
  "not-its-fault",
  "waiting",
  "struck",
  "planned",
  "reported",
  "needs-person"
])
export type CleaningOutcome = typeof Outcome.Type

export const CleanedDownload = Schema.Struct({
  downloadId: Schema.String,
  name: Schema.String,
  client: Schema.String,
  outcome: Outcome,
  rule: Schema.NullOr(Schema.String),
  strikes: Schema.Int,
  because: Schema.String
}).annotate({ identifier: "CleanedDownload" })
export type CleanedDownload = typeof CleanedDownload.Type

export const CleaningReport = Schema.Struct({
  dryRun: Schema.Boolean,
  downloads: Schema.Int.annotate({ description: "Downloads that were judged." }),
  counts: Schema.Record(Schema.String, Schema.Int).annotate({ description: "Number of downloads by outcome." }),
  strikesEnded: Schema.Int,
  removed: Schema.Int,
  spared: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int,
  searched: Schema.Int,
  /** The first hundred. */
  items: Schema.Array(CleanedDownload)
}).annotate({ identifier: "CleaningReport" })
export type CleaningReport = typeof CleaningReport.Type

/** How many downloads a report lists. */
export const mostListed = 100
