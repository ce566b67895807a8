/**
 * Selects the items to remove so that a disk reaches its target: from the top of the ranking, no more than needed (the
 * last one may overshoot), within the caps, and a collection completely or not at all.
 */
import { Effect } from "effect"
import { makeTurns } from "../integrations/Pauses.ts"
import { wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import { goneWith } from "../library/MissingFiles.ts"
import { bytesOf, type Snapshot } from "../library/Snapshots.ts"
import type { RemovalCaps } from "../settings/RemovalCaps.ts"
import type { Decision, Environment } from "./Decision.ts"
import type { DiskGroup } from "./DiskGroup.ts"
import { sortRanked } from "./TieBreaker.ts"

/** How much may still be planned in this run. */
export interface Allowance {
  readonly items: number
  readonly bytes: number
}

export interface PlannedItem {
  readonly decision: Decision
  readonly position: number
  /** Set for every member of a collection that is removed as one. */
  readonly collection: string | null
}

export interface Plan {
  readonly groupId: string
  /** Bytes that must be freed, minus those of removals in progress. */
  readonly neededBytes: number
  readonly plannedBytes: number
  readonly items: ReadonlyArray<PlannedItem>
  /** Why the plan does not reach the target, if it does not. */
  readonly limitedBy: "caps" | "candidates" | null
}

/** The allowance of a run over a library with `libraryItems` items; at least one item is always allowed. */
export const allowanceOf = (caps: RemovalCaps, libraryItems: number): Allowance => ({
  items: Math.min(
    caps.maxItems ?? Number.POSITIVE_INFINITY,
    Math.max(1, Math.floor(libraryItems * caps.maxLibraryShare))
  ),
  bytes: caps.maxBytes ?? Number.POSITIVE_INFINITY
})

/** Why nothing is planned on a disk although it may be too full; `null` if it is planned. */
export interface Turn {
  readonly group: DiskGroup
  readonly skipped: string | null
}

/**
 * Decides which disks are planned. Of disks that may be the same disk only one is planned, so that the same bytes are
 * not freed twice: the first one on which something would be removed.
 */
export const turnsOf = (groups: Iterable<DiskGroup>): ReadonlyArray<Turn> => {
  const all = [...groups]
  const standing = all.filter((group) => group.breached && whyResting(group) === null)
  const byMode = [
    ...standing.filter(({ mode }) => mode !== "dry-run"),
    ...standing.filter(({ mode }) => mode === "dry-run")
  ]
  return all.map((group) => {
    const resting = whyResting(group)
    if (resting !== null || !group.breached) return { group, skipped: resting }
    const chosen = byMode.find((other) => other === group || mayBeOne(other, group))
    return {
      group,
      skipped:
        chosen === undefined || chosen === group
          ? null
          : `it may be the same disk as ${chosen.mountPath} (same size, same free space), and is planned once, there; \`tendarr disks merge ${chosen.id} ${group.id}\` makes them one, \`tendarr disks split\` keeps them apart`
    }
  })
}

const mayBeOne = (one: DiskGroup, other: DiskGroup): boolean => one.mayBeSameAs?.includes(other.id) === true

const whyResting = (group: DiskGroup): string | null =>
  group.staleSince !== null ? "no integration reports this disk any more" : group.stoppedBecause

/** The decisions about a whole library, in the order of removal. */
export const rankInTurns = (
  environment: Environment,
  decisions: ReadonlyArray<Decision>
): Effect.Effect<ReadonlyArray<Decision>> =>
  Effect.map(sortRanked(decisions.map(toRanked), environment.tieBreaker), (all) => all.map((ranked) => ranked.decision))

const toRanked = (decision: Decision) => ({
  id: decision.item.id,
  rank: decision.rank,
  sizeBytes: decision.item.sizeBytes,
  title: decision.item.title,
  addedAt: decision.item.data.addedAt ?? null,
  decision
})

/**
 * `ranked` are the decisions about the whole library, in order; `blocked` are items that must not be planned (an open
 * removal that the engine must not change, or a person's cancellation).
 */
export const plan = Effect.fnUntraced(function* (options: {
  readonly environment: Environment
  readonly group: DiskGroup
  readonly ranked: ReadonlyArray<Decision>
  readonly neededBytes: number
  readonly blocked: ReadonlySet<string>
  readonly allowance: Allowance
}): Effect.fn.Return<Plan> {
  const { environment, group, neededBytes } = options
  // Lookup by id is only needed for members of a collection.
  let decisions: ReadonlyMap<string, Decision> | undefined
  const decisionOf = (id: string) => {
    decisions ??= new Map(options.ranked.map((decision) => [decision.item.id, decision]))
    return decisions.get(id)
  }
  const taken = new Set<string>()
  const refused = new Set<string>()
  const items: Array<PlannedItem> = []
  let bytes = 0
  let capped = false
  let looked = 0
  const turns = makeTurns()
  for (const decision of options.ranked) {
    if (bytes >= neededBytes) break
    if (++looked % lookedAtOnce === 0 && turns.isOver()) yield* turns.next
    if (!mayGo(decision, group.id, options.blocked) || taken.has(decision.item.id) || refused.has(decision.item.id))
      continue
    if (items.length >= options.allowance.items) {
      capped = true
      break
    }
    const unit = unitOf(environment, decision.item)
    const members = unit.members.map((member) => (member === decision.item ? decision : decisionOf(member.id)))
    if (!members.every((member) => member !== undefined && mayGo(member, group.id, options.blocked))) {
      for (const member of unit.members) refused.add(member.id)
      continue
    }
    const size = bytesOf(environment.snapshot, unit.members)
    if (items.length + members.length > options.allowance.items || bytes + size > options.allowance.bytes) {
      capped = true
      continue
    }
    for (const member of members) {
      if (member === undefined) continue
      taken.add(member.item.id)
      for (const { id } of takenWith(environment.snapshot, member.item)) taken.add(id)
      items.push({ decision: member, position: items.length + 1, collection: unit.collection })
    }
    bytes += size
  }
  return {
    groupId: group.id,
    neededBytes,
    plannedBytes: bytes,
    items,
    limitedBy: bytes >= neededBytes ? null : capped ? "caps" : "candidates"
  }
})

/** Number of items between two readings of the clock. */
const lookedAtOnce = 10

/**
 * Items that must not be planned in addition to an item: its files under other applications, alone, in parts, or in a
 * whole.
 */
export const takenWith = (snapshot: Snapshot, item: LibraryItem): ReadonlyArray<LibraryItem> => {
  const others = goneWith(snapshot, item)
  return others.length === 0 ? others : [...others, ...others.flatMap((other) => wholesOf(snapshot, other))]
}

const mayGo = (decision: Decision, groupId: string, blocked: ReadonlySet<string>): boolean =>
  decision.status === "candidate" &&
  decision.rank > 0 &&
  decision.item.diskGroupId === groupId &&
  !blocked.has(decision.item.id)

export interface Unit {
  readonly members: ReadonlyArray<LibraryItem>
  readonly collection: string | null
}

/**
 * What is removed together with an item: only itself, or the members of its collections if its integration says so. A
 * member that is in a second collection adds that one too, which would otherwise be split.
 */
export const unitOf = (environment: Environment, item: LibraryItem): Unit => {
  const together = environment.live.get(item.integrationId)?.integration.options.removeCollections === true
  if (!together || item.data.catalogCollections.length === 0) return { members: [item], collection: null }
  const members = new Map([[item.id, item]])
  const collections = new Set(item.data.catalogCollections)
  // Iterating over a set also yields entries that are added during the iteration.
  for (const collection of collections) {
    for (const member of environment.snapshot.inCollection(collection)) {
      if (member.integrationId !== item.integrationId || !member.data.catalogCollections.includes(collection)) continue
      members.set(member.id, member)
      for (const next of member.data.catalogCollections) collections.add(next)
    }
  }
  return { members: [...members.values()], collection: members.size > 1 ? [...collections].join(", ") : null }
}
