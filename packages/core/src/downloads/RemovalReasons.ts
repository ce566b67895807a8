/** Reasons other than rules for which downloads are removed, and what services that have such a reason can do. */
import type { Effect } from "effect"
import type { ActReport, ActRunContext } from "../acts/ActRuns.ts"
import type { Verdict } from "../acts/Verdict.ts"
import type { Downloading } from "./Downloading.ts"
import type { RemovedDownload } from "./RemoveDownload.ts"

/** One reason; registered once, when its service is built. */
export interface RemovalReason {
  /** In place of the id of a rule. Negative, so that it is that of no rule, and stored with strikes: it never changes. */
  readonly ruleId: string
  /** Name of the fault, for strikes and figures. */
  readonly fault: string
  /** For people, in place of the name of a rule. */
  readonly name: string
  /** Reads what the decision depends on again; returns why the act has to wait. */
  readonly refresh: (subject: RemovedDownload) => Effect.Effect<string | null>
  /** Whether it still applies. It reads only the database and memory. */
  readonly look: (subject: RemovedDownload, wasSent: boolean) => Effect.Effect<Verdict>
}

export interface OtherRemoval {
  readonly because: string
  /** Whether it leaves its client, with its data. */
  readonly fromClient: boolean
  readonly blocklist: boolean
  /** Whether another release is searched for. */
  readonly search: boolean
  /** ISO-8601; a person may cancel it until then. */
  readonly dueAt: string
}

/** `open`: it was planned before. */
export type OtherRemovalOutcome =
  { readonly outcome: "planned" | "open" } | { readonly outcome: "ignored" | "needs-person"; readonly because: string }

export interface OtherRemovals {
  readonly register: (reason: RemovalReason) => Effect.Effect<void>
  /** What `remove` would do, without writing anything. */
  readonly would: (one: Downloading) => Effect.Effect<OtherRemovalOutcome>
  /** Plans a removal, unless a person has cancelled one or too many of its title were removed; gives its only strike. */
  readonly remove: (
    one: Downloading,
    reason: RemovalReason,
    removal: OtherRemoval
  ) => Effect.Effect<OtherRemovalOutcome>
  /** Carries out removals that are due, for whichever reason, and searches for other releases. Only for destructive jobs. */
  readonly carryOut: (context: ActRunContext) => Effect.Effect<ActReport & { readonly searched: number }>
}
