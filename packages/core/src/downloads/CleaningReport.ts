/** What a run of the rules about downloads did, or would do. */
import { Schema } from "effect"
import type { Downloading } from "./Downloading.ts"

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

/** The outcomes of a run: all are counted, and the first ones listed. */
export class Listing {
  readonly items: Array<CleanedDownload> = []
  readonly #counts = new Map<CleaningOutcome, number>()

  add(one: Downloading, outcome: CleaningOutcome, rule: string | null, strikes: number, because: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1)
    if (this.items.length >= mostListed) return
    this.items.push({
      downloadId: one.id,
      name: one.download.name,
      client: one.clientName,
      outcome,
      rule,
      strikes,
      because
    })
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
