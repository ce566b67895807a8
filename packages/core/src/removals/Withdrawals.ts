/** The engine's removals that a new evaluation of the library withdraws, and those that it may plan again. */
import type { Decision, Environment } from "../capacity/Decision.ts"
import type { DiskGroup } from "../capacity/DiskGroup.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { reasonToEndNotice } from "./NoticeEnds.ts"

/** Removals that the engine may plan again: its own proposals, and those whose snooze has ended. */
export const replannable = (removal: Pick<StoredRemoval, "origin" | "state" | "snoozedUntil">, now: string): boolean =>
  removal.origin === "engine" && (removal.state === "proposed" || snoozeEnded(removal, now))

export const snoozeEnded = (removal: Pick<StoredRemoval, "state" | "snoozedUntil">, now: string): boolean =>
  removal.state === "snoozed" && removal.snoozedUntil !== null && removal.snoozedUntil <= now

export interface Look {
  readonly environment: Environment
  /** By item id. */
  readonly decisions: ReadonlyMap<string, Decision>
  /** Evaluated disk groups; removals on others stay as they are. */
  readonly groups: ReadonlyMap<string, DiskGroup>
  /** Items that are planned now. */
  readonly wanted: ReadonlySet<string>
  readonly now: string
}

/**
 * Which open removals are withdrawn, by id, with the reason. A collection stays together: a reason to keep one member
 * keeps all of them.
 */
export const withdrawals = (open: ReadonlyArray<StoredRemoval>, look: Look): ReadonlyMap<string, string> => {
  const reasons = new Map<string, string>()
  const saved = new Map<string, StoredRemoval>()
  for (const removal of open) {
    const reason = whyLost(removal, look)
    if (reason === null) continue
    reasons.set(removal.id, reason)
    if (removal.collection !== null) saved.set(unitOf(removal), removal)
  }
  for (const removal of open) {
    const fellow = removal.collection === null ? undefined : saved.get(unitOf(removal))
    if (fellow === undefined || removal.origin !== "engine" || removal.state !== "scheduled") continue
    if (!reasons.has(removal.id)) reasons.set(removal.id, `"${fellow.title}" of the same collection stays`)
  }
  return reasons
}

const unitOf = ({ collection, integrationId }: StoredRemoval): string => `${integrationId}/${collection}`

const whyLost = (removal: StoredRemoval, { decisions, environment, groups, now, wanted }: Look): string | null => {
  const group = removal.diskGroupId === null ? undefined : groups.get(removal.diskGroupId)
  if (removal.origin !== "engine" || group === undefined) return null
  const decision = decisions.get(removal.itemId)
  // Unknown facts may be known again later. Until then nothing is carried out, and no decision of a person is lost.
  if (decision?.status === "undecided") return null
  if (removal.state === "scheduled") {
    // A delete was already sent for this one, so it may be gone because of us; `DueRemovals` decides.
    if (decision === undefined) return removal.restore === null ? "it is no longer in the library" : null
    if (decision.status !== "candidate") return decision.because ?? decision.status
    // An approved removal stays until it is due, when everything is checked again.
    if (!group.breached && removal.approvedBy === null) return `${group.mountPath} is below its threshold`
    // In sunset mode, watching the item during the notice, or adding more of its show, keeps it.
    return removal.mode === "sunset" ? reasonToEndNotice(environment, decision.item, removal.createdAt) : null
  }
  if (!replannable(removal, now) || wanted.has(removal.itemId)) return null
  return decision === undefined ? "it is no longer in the library" : (decision.because ?? "less has to go than before")
}
