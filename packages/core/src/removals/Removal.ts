/** A removal: the intent to remove one item, its states, and its errors. */
import { Schema } from "effect"
import { Explanation } from "../capacity/Explanation.ts"
import { ItemDownload } from "../downloads/files/ItemDownloads.ts"
import { itemKinds } from "../integrations/Observations.ts"
import { Problem } from "../problems/Problem.ts"
import { RemovalMode } from "../capacity/RemovalMode.ts"
import { removalStates } from "./RemovalStates.ts"
import { removalTerms } from "./RemovalTerms.ts"

export const RemovalState = Schema.Literals(removalStates)
export type RemovalState = typeof RemovalState.Type

/** Who wants it: the engine for a disk that is too full, a person, or an acting rule. */
export const RemovalOrigin = Schema.Literals(["engine", "person", "rule"])
export type RemovalOrigin = typeof RemovalOrigin.Type

/** Open states; an item has at most one open removal. */
export const openStates = [
  "proposed",
  "snoozed",
  "scheduled",
  "executing",
  "failed"
] as const satisfies ReadonlyArray<RemovalState>

/**
 * Every allowed transition. This table applies to the code; the database enforces the rest. A deletion that was sent
 * may take effect late, when its removal has already failed or was ended by a person or a rule: the removal is then
 * recorded as removed after all.
 */
export const transitions: Readonly<Record<RemovalState, ReadonlyArray<RemovalState>>> = {
  proposed: ["scheduled", "snoozed", "cancelled", "removed"],
  snoozed: ["proposed", "scheduled", "cancelled", "removed"],
  scheduled: ["executing", "removed", "snoozed", "spared", "cancelled"],
  // Back to scheduled once the upstream has reported that the item still exists. A person may still cancel or snooze it
  // until the deletion has been sent.
  executing: ["removed", "failed", "scheduled", "spared", "snoozed", "cancelled"],
  failed: ["executing", "scheduled", "spared", "cancelled", "removed"],
  removed: ["restored"],
  restored: [],
  spared: ["removed"],
  cancelled: ["removed"]
}

export const requestResetStates = ["waiting", "done", "not-found", "failed"] as const

/** What became of its request after the removal; the removal itself is done, whatever this is. */
export const RequestResetResult = Schema.Struct({
  state: Schema.Literals(requestResetStates).annotate({
    description:
      "`waiting`: it has not been reset yet. `not-found`: no application has a request for the item. `failed`: see `reason`; it is tried again as the acts of `acts` are."
  }),
  reason: Schema.NullOr(Schema.String),
  acts: Schema.Array(Schema.String).annotate({ description: "Ids of the acts that reset it, one per application." })
}).annotate({ identifier: "RequestResetResult" })
export type RequestResetResult = typeof RequestResetResult.Type

export const RemovalSummary = Schema.Struct({
  id: Schema.String,
  itemId: Schema.String,
  integrationId: Schema.NullOr(Schema.String),
  diskGroupId: Schema.NullOr(Schema.String),
  kind: Schema.Literals(itemKinds),
  title: Schema.String,
  sizeBytes: Schema.Finite,
  state: RemovalState,
  /** Mode of the disk group when it was planned. */
  mode: RemovalMode,
  origin: RemovalOrigin,
  /** The actor who requested it. */
  actor: Schema.String,
  ...removalTerms,
  /** `null` if it is not to be reset, or the item is not removed yet. */
  requestReset: Schema.NullOr(RequestResetResult),
  /** The acting rule that queued it. */
  ruleId: Schema.NullOr(Schema.String),
  /** The job run that planned it. */
  runId: Schema.NullOr(Schema.String),
  /** Collection whose members are removed together. */
  collection: Schema.NullOr(Schema.String),
  rank: Schema.Finite,
  scheduledAt: Schema.NullOr(Schema.String),
  snoozedUntil: Schema.NullOr(Schema.String),
  attempts: Schema.Int,
  nextAttemptAt: Schema.NullOr(Schema.String),
  freedBytes: Schema.NullOr(Schema.Finite),
  /** Why it was planned, in one sentence. */
  because: Schema.String,
  canBeUndone: Schema.Boolean.annotate({
    description: "Whether its application could add the item again. A media server cannot: what it deletes is gone."
  }),
  /** Why it is in this state, if that differs from why it was planned. */
  reason: Schema.NullOr(Schema.String),
  approvedBy: Schema.NullOr(Schema.String),
  endedBy: Schema.NullOr(Schema.String),
  restorable: Schema.Boolean,
  createdAt: Schema.String,
  updatedAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Removal" })
export type RemovalSummary = typeof RemovalSummary.Type

/** Removals whose deletion had already been sent when a person decided against them. */
export const beyondRecall = {
  beyondRecall: Schema.Array(Schema.String).annotate({
    description:
      "Ids of removals that this would have stopped, but whose deletion has already been sent to the application."
  })
}

/** A removal that was cancelled or snoozed; some removals of its collection may have been sent already. */
export const RecalledRemoval = Schema.Struct({ ...RemovalSummary.fields, ...beyondRecall }).annotate({
  identifier: "RecalledRemoval"
})
export type RecalledRemoval = typeof RecalledRemoval.Type

export const RemovalDetail = Schema.Struct({
  ...RemovalSummary.fields,
  decision: Explanation,
  downloads: Schema.Array(ItemDownload).annotate({
    description: "The downloads of its item: as they are now, or as they were directly before the deletion."
  })
}).annotate({
  identifier: "RemovalDetail"
})
export type RemovalDetail = typeof RemovalDetail.Type

/** As it is stored. */
export type DecidedRemoval = Omit<RemovalDetail, "downloads">

export class RemovalNotFound extends Problem<RemovalNotFound>()(
  "RemovalNotFound",
  { code: "removal-not-found", status: 404, title: "There is no such removal" },
  { removalId: Schema.String }
) {}

/** The state of the removal does not allow this step. */
export class RemovalStateConflict extends Problem<RemovalStateConflict>()(
  "RemovalStateConflict",
  { code: "removal-state-conflict", status: 409, title: "The state of the removal does not allow this" },
  { removalId: Schema.String, state: RemovalState, detail: Schema.String }
) {}

/** The deletion has been sent to the application and can no longer be stopped. */
export class RemovalBeyondRecall extends Problem<RemovalBeyondRecall>()(
  "RemovalBeyondRecall",
  { code: "removal-beyond-recall", status: 409, title: "The removal can no longer be cancelled" },
  { removalId: Schema.String, detail: Schema.String }
) {}

/** The item must not be removed: it is protected or kept by a rule, or no integration can remove it. */
export class RemovalForbidden extends Problem<RemovalForbidden>()(
  "RemovalForbidden",
  { code: "removal-forbidden", status: 409, title: "The item must not be removed" },
  { itemId: Schema.String, detail: Schema.String }
) {}

/** There is no stored data from which the item could be added again, or the application refused. */
export class RestoreFailed extends Problem<RestoreFailed>()(
  "RestoreFailed",
  { code: "restore-failed", status: 409, title: "The removal could not be undone" },
  { removalId: Schema.String, detail: Schema.String }
) {}
