/** What a run of the rules about seeding did, or would do. */
import { Schema } from "effect"
import type { Downloading } from "../Downloading.ts"

export const seedingOutcomes = [
  "ignored",
  "held",
  "unknown",
  "not-reached",
  "reached",
  "owed",
  "refused",
  "waiting",
  "left-to-person",
  "planned"
] as const
export type SeedingOutcome = (typeof seedingOutcomes)[number]

export const seedingSteps = [
  "remove",
  "remove-with-data",
  "pause",
  "resume",
  "category",
  "tags",
  "limits",
  "queue"
] as const
export type SeedingStepName = (typeof seedingSteps)[number]

const Outcome = Schema.Literals(seedingOutcomes).annotate({
  description:
    "`owed`: something is still owed to its tracker. `refused`: its client would delete or move it by itself, or cannot do it. `left-to-person`: a person has set it otherwise."
})

/** One thing that the rules say about a download. */
export const SeedingNote = Schema.Struct({
  outcome: Outcome,
  step: Schema.NullOr(Schema.Literals(seedingSteps)).annotate({
    description: "What would be done; null = the goal itself."
  }),
  rule: Schema.NullOr(Schema.String),
  because: Schema.String
}).annotate({ identifier: "SeedingNote" })
export type SeedingNote = typeof SeedingNote.Type

export const SeedingItem = Schema.Struct({
  downloadId: Schema.String,
  name: Schema.String,
  client: Schema.String,
  ...SeedingNote.fields
}).annotate({ identifier: "SeedingItem" })
export type SeedingItem = typeof SeedingItem.Type

export const GuardedFolderView = Schema.Struct({
  client: Schema.String,
  path: Schema.String,
  freeBytes: Schema.NullOr(Schema.Finite),
  neededBytes: Schema.Finite.annotate({ description: "What its downloads will still write." }),
  paused: Schema.Int.annotate({ description: "Downloads that wait for space there, or are about to." })
}).annotate({ identifier: "GuardedFolder" })
export type GuardedFolderView = typeof GuardedFolderView.Type

export const SeedingReport = Schema.Struct({
  dryRun: Schema.Boolean,
  downloads: Schema.Int.annotate({ description: "Downloads that were judged." }),
  counts: Schema.Record(Schema.String, Schema.Int).annotate({ description: "Number of notes by outcome." }),
  withoutGoal: Schema.Int.annotate({ description: "Complete downloads for which no rule has a goal." }),
  severalGoals: Schema.Int.annotate({
    description: "Downloads for which several rules have a goal; the first decides."
  }),
  removed: Schema.Int,
  changed: Schema.Int,
  spared: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int,
  folders: Schema.Array(GuardedFolderView),
  unguarded: Schema.Int.annotate({
    description: "Downloads into folders of whose disk the client does not report the free space."
  }),
  /** The first hundred. */
  items: Schema.Array(SeedingItem)
}).annotate({ identifier: "SeedingReport" })
export type SeedingReport = typeof SeedingReport.Type

const mostListed = 100
/** What is listed only if there is room: it says that nothing is to be done. */
const quiet: ReadonlySet<SeedingOutcome> = new Set(["ignored", "held", "not-reached", "reached"])

/** The notes of a run: all are counted, and the first ones listed, those about something to be done before others. */
export class SeedingListing {
  readonly #loud: Array<SeedingItem> = []
  readonly #quiet: Array<SeedingItem> = []
  readonly #counts = new Map<SeedingOutcome, number>()

  add(
    one: Pick<Downloading, "id" | "clientName"> & { readonly download: { readonly name: string } },
    note: SeedingNote
  ): void {
    this.#counts.set(note.outcome, (this.#counts.get(note.outcome) ?? 0) + 1)
    const list = quiet.has(note.outcome) ? this.#quiet : this.#loud
    if (list.length < mostListed) {
      list.push({ downloadId: one.id, name: one.download.name, client: one.clientName, ...note })
    }
  }

  get items(): ReadonlyArray<SeedingItem> {
    return [...this.#loud, ...this.#quiet].slice(0, mostListed)
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
