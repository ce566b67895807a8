/** Intents of the engine that a new look at the library takes back, and which of them it may plan again. */
import type { Decision, Environment } from "../capacity/Decision.ts"
import type { DiskGroup } from "../capacity/DiskGroup.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { savedSince } from "./Watched.ts"

/** Intents that the engine may plan again: its own proposals, and snoozes that have ended. */
export const replannable = (removal: Pick<StoredRemoval, "origin" | "state" | "snoozedUntil">, now: string): boolean =>
  removal.origin === "engine" && (removal.state === "proposed" || snoozeEnded(removal, now))

export const snoozeEnded = (removal: Pick<StoredRemoval, "state" | "snoozedUntil">, now: string): boolean =>
  removal.state === "snoozed" && removal.snoozedUntil !== null && removal.snoozedUntil <= now

export interface Look {
  readonly environment: Environment
  /** By item id. */
  readonly decisions: ReadonlyMap<string, Decision>
  /** Disk groups that were looked at; what stands on others stays as it is. */
  readonly groups: ReadonlyMap<string, DiskGroup>
  /** Items that are planned now. */
  readonly wanted: ReadonlySet<string>
  readonly now: string
}

/** Why which of the open intents is taken back, by its id. A collection stays together: what saves one saves the rest. */
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
  // What is not known now may be known again tomorrow. Until then nothing is carried out, and nothing that was said is lost.
  if (decision?.status === "undecided") return null
  if (removal.state === "scheduled") {
    // One that was sent before is for the executor to settle: it may have gone by that.
    if (decision === undefined) return removal.restore === null ? "it is no longer in the library" : null
    if (decision.status !== "candidate") return decision.because ?? decision.status
    // What a person approved stays until its turn, when all is looked at again.
    if (!group.breached && removal.approvedBy === null) return `${group.mountPath} is below its threshold`
    // Sunset is notice: who watches the item meanwhile, or asks for more of it, keeps it.
    return removal.mode === "sunset" ? savedSince(environment, decision.item, removal.createdAt) : null
  }
  if (!replannable(removal, now) || wanted.has(removal.itemId)) return null
  return decision === undefined ? "it is no longer in the library" : (decision.because ?? "less has to go than before")
}
