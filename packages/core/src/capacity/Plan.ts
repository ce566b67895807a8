/**
 * Which items go so that a disk reaches its target: from the top of the ranking, no more than is needed (the last one may
 * overshoot), within the caps, and a collection whole or not at all.
 */
import { Effect } from "effect"
import { makeTurns } from "../integrations/Pauses.ts"
import type { LibraryItem } from "../library/Item.ts"
import { goneWith } from "../library/MissingFiles.ts"
import { bytesOf, type Snapshot } from "../library/Snapshots.ts"
import type { RemovalCaps } from "../settings/RemovalCaps.ts"
import type { Decision, Environment } from "./Decision.ts"
import type { DiskGroup } from "./DiskGroup.ts"
import { sortRanked } from "./TieBreaker.ts"

/** What may still be planned in this run. */
export interface Allowance {
  readonly items: number
  readonly bytes: number
}

export interface PlannedItem {
  readonly decision: Decision
  readonly position: number
  /** Set for every member of a collection that goes as one. */
  readonly collection: string | null
}

export interface Plan {
  readonly groupId: string
  /** Bytes that must go, less what is on its way already. */
  readonly neededBytes: number
  readonly plannedBytes: number
  readonly items: ReadonlyArray<PlannedItem>
  /** What kept the plan from reaching the target, if it does not. */
  readonly limitedBy: "caps" | "candidates" | null
}

/** The allowance of a run over a library that counts `libraryItems` items; one item may always go. */
export const allowanceOf = (caps: RemovalCaps, libraryItems: number): Allowance => ({
  items: Math.min(
    caps.maxItems ?? Number.POSITIVE_INFINITY,
    Math.max(1, Math.floor(libraryItems * caps.maxLibraryShare))
  ),
  bytes: caps.maxBytes ?? Number.POSITIVE_INFINITY
})

/** Why nothing is planned on a disk although it may be too full; `null` where it is. */
export interface Turn {
  readonly group: DiskGroup
  readonly skipped: string | null
}

/**
 * Which of the disks are planned. Of those that may be one disk only one is, so that the same bytes are not freed twice:
 * the first on which something would be removed.
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

/** The decisions of a whole library in the order in which they would go. */
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
 * `ranked` are the decisions of the whole library in order; `blocked` are items that must not be planned (an open intent
 * that is not the engine's to change, or a person's cancellation).
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
  // Only members of a collection need to be found by their id.
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

/** Between two glances at the clock. */
const lookedAtOnce = 10

/** What must not be planned beside an item: its files under other applications, alone, in parts, or in a whole. */
export const takenWith = (snapshot: Snapshot, item: LibraryItem): ReadonlyArray<LibraryItem> => {
  const others = goneWith(snapshot, item)
  return others.length === 0 ? others : [...others, ...others.flatMap((other) => snapshot.parentOf(other) ?? [])]
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
 * What goes together with an item: itself, or the members of its collections where its integration says so. A member that
 * stands in a second collection brings that one too, else it would be torn.
 */
export const unitOf = (environment: Environment, item: LibraryItem): Unit => {
  const together = environment.live.get(item.integrationId)?.integration.options.removeCollections === true
  if (!together || item.data.catalogCollections.length === 0) return { members: [item], collection: null }
  const members = new Map([[item.id, item]])
  const collections = new Set(item.data.catalogCollections)
  // A set being walked also yields what is added meanwhile.
  for (const collection of collections) {
    for (const member of environment.snapshot.inCollection(collection)) {
      if (member.integrationId !== item.integrationId || !member.data.catalogCollections.includes(collection)) continue
      members.set(member.id, member)
      for (const next of member.data.catalogCollections) collections.add(next)
    }
  }
  return { members: [...members.values()], collection: members.size > 1 ? [...collections].join(", ") : null }
}
