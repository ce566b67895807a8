/** What one run of an acting rule did, or would do. */
import { Schema } from "effect"
import { Tally } from "../library/Counting.ts"
import { RuleAction } from "../rules/RuleAction.ts"

export const runOutcomes = [
  "matched",
  "queued",
  "held",
  "planned",
  "left",
  "kept",
  "unknown",
  "already-queued",
  "as-wanted"
] as const
export type RunOutcome = (typeof runOutcomes)[number]

export const RuleRunItem = Schema.Struct({
  itemId: Schema.String,
  title: Schema.String,
  sizeBytes: Schema.Finite,
  outcome: Schema.Literals(runOutcomes),
  /** `null` where the condition of the rule is the whole reason. */
  because: Schema.NullOr(Schema.String)
}).annotate({ identifier: "RuleRunItem" })
export type RuleRunItem = typeof RuleRunItem.Type

const Reasons = Schema.Array(Schema.Struct({ because: Schema.String, items: Schema.Int }))

const figures = {
  evaluated: Tally,
  /** Items on which the rule acts, or would act if nothing kept them. */
  matched: Tally,
  /** Newly queued for removal: scheduled, or proposed where a person must approve. */
  queued: Tally,
  proposed: Schema.Int.annotate({ description: "Of the queued items, those that wait for a person's approval." }),
  alreadyQueued: Tally,
  kept: Tally,
  unknown: Tally,
  /** Removals that were withdrawn, because the rule no longer acts on their items. */
  left: Tally,
  planned: Tally.annotate({ description: "Newly planned changes in the applications." }),
  asWanted: Tally.annotate({ description: "Items that are as the rule wants them already." }),
  notActedOnAlone: Schema.Int.annotate({
    description: "Matching wholes next to their parts, or parts of wholes, which are not removed on their own."
  }),
  held: Schema.NullOr(
    Schema.Struct({ items: Schema.Int, share: Schema.Finite, accepted: Schema.Finite, detail: Schema.String })
  ).annotate({ description: "Why nothing new was queued or changed, if the run was held." }),
  keptBecause: Reasons,
  unknownBecause: Reasons,
  leftBecause: Reasons,
  /** The largest items of each outcome. */
  items: Schema.Array(RuleRunItem)
}

/** What an acting rule would do now. Items are counted in units: of a show and its seasons, those that are removed. */
export const ActingPreview = Schema.Struct(figures).annotate({ identifier: "ActingPreview" })
export type ActingPreview = typeof ActingPreview.Type

export const RuleRunReport = Schema.Struct({
  ruleId: Schema.String,
  name: Schema.String,
  action: RuleAction,
  enabled: Schema.Boolean.annotate({ description: "A rule that is switched off is evaluated, and does nothing." }),
  dryRun: Schema.Boolean.annotate({ description: "Nothing was written; the figures say what would have been." }),
  ...figures,
  /** Results of the changes that this run carried out, which may have been planned by an earlier one. */
  changes: Schema.Struct({
    changed: Schema.Int,
    spared: Schema.Int,
    failed: Schema.Int,
    waiting: Schema.Int
  })
}).annotate({ identifier: "RuleRunReport" })
export type RuleRunReport = typeof RuleRunReport.Type

/** The most entries of one outcome, and the most reasons, that a report lists. */
const listed = 50

/** Collects the items of a run by their outcome. */
export class RunItems {
  private readonly byOutcome = new Map<RunOutcome, { items: number; bytes: number; entries: Array<RuleRunItem> }>()
  private readonly reasons = new Map<RunOutcome, Map<string, number>>()

  add(outcome: RunOutcome, { id, sizeBytes, title }: Item, because: string | null = null): void {
    const all = this.byOutcome.get(outcome) ?? { items: 0, bytes: 0, entries: [] }
    this.byOutcome.set(outcome, all)
    all.items++
    all.bytes += sizeBytes
    all.entries.push({ itemId: id, title, sizeBytes, outcome, because })
    // Only the largest are listed; the list is cut long before it is large.
    if (all.entries.length >= listed * 4) all.entries = largest(all.entries)
    if (because === null) return
    const counted = this.reasons.get(outcome) ?? new Map<string, number>()
    this.reasons.set(outcome, counted)
    if (counted.size < mostReasons || counted.has(because)) counted.set(because, (counted.get(because) ?? 0) + 1)
  }

  private tally(...outcomes: ReadonlyArray<RunOutcome>): Tally {
    let [items, bytes] = [0, 0]
    for (const outcome of outcomes) {
      items += this.byOutcome.get(outcome)?.items ?? 0
      bytes += this.byOutcome.get(outcome)?.bytes ?? 0
    }
    return { items, bytes }
  }

  private because(outcome: RunOutcome): typeof Reasons.Type {
    return [...(this.reasons.get(outcome) ?? [])]
      .map(([because, items]) => ({ because, items }))
      .toSorted((one, other) => other.items - one.items)
      .slice(0, listed)
  }

  /** The figures of a run. */
  report(of: Pick<ActingPreview, "evaluated" | "held" | "notActedOnAlone" | "proposed">): ActingPreview {
    return {
      ...of,
      matched: this.tally("matched", "queued", "already-queued", "kept", "planned", "as-wanted", "held"),
      queued: this.tally("queued"),
      alreadyQueued: this.tally("already-queued"),
      kept: this.tally("kept"),
      unknown: this.tally("unknown"),
      left: this.tally("left"),
      planned: this.tally("planned"),
      asWanted: this.tally("as-wanted"),
      keptBecause: this.because("kept"),
      unknownBecause: this.because("unknown"),
      leftBecause: this.because("left"),
      items: this.entries
    }
  }

  private get entries(): ReadonlyArray<RuleRunItem> {
    return runOutcomes.flatMap((outcome) => largest(this.byOutcome.get(outcome)?.entries ?? []))
  }
}

interface Item {
  readonly id: string
  readonly title: string
  readonly sizeBytes: number
}

/** Different reasons that are counted; further ones are too rare to be listed. */
const mostReasons = 1000

const largest = (entries: ReadonlyArray<RuleRunItem>): Array<RuleRunItem> =>
  entries.toSorted((one, other) => other.sizeBytes - one.sizeBytes).slice(0, listed)
