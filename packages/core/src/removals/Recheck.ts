/**
 * The last check before a removal is claimed: everything that may have changed since it was planned or approved. Pure;
 * the caller reads the environment in the transaction that claims.
 */
import { judge } from "../capacity/Acting.ts"
import { go, spare, type Verdict, wait } from "../acts/Verdict.ts"
import { decide, type Environment, sheetOf, unsureKeeping } from "../capacity/Decision.ts"
import { unitOf } from "../capacity/Plan.ts"
import { whyFolderStays } from "../capacity/SamePlace.ts"
import { actionsOf } from "../integrations/Kind.ts"
import { pressureOf } from "../capacity/DiskGroup.ts"
import type { FactReading } from "../rules/FactReading.ts"
import type { RemovalMode } from "../capacity/RemovalMode.ts"
import { whyNotMatching, whyOtherTerms } from "./ActingRules/QueuePlan.ts"
import type { LibraryItem } from "../library/Item.ts"
import { whyChanged } from "./ChangedSince.ts"
import { type Refusing, whyRefused } from "./RefusedItems.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { deletesFiles } from "./ActionText.ts"
import { cannotDo } from "./RemovalTerms.ts"
import { whyManagerUnsure } from "./WhyNotPossible.ts"
import { reasonToEndNotice } from "./NoticeEnds.ts"

/** What a run has read about the disks. */
export interface DiskReading {
  /** Ids of the disk groups that were read successfully at the last reading. */
  readonly answered: ReadonlySet<string>
  /** Bytes removed from a disk group since then, by its id. */
  readonly freed: ReadonlyMap<string, number>
}

export interface RecheckOptions {
  readonly braked: boolean
  /** Mode of items without a known disk. */
  readonly defaultMode: RemovalMode
  readonly reading: DiskReading
  /** Another member of its collection has already been removed, so the rest follows whatever the state of the disk. */
  readonly unitBegun: boolean
  /** Items whose removal a person has requested together with it; they stay together, whatever the integration's options. */
  readonly requestedWith: ReadonlySet<string>
  /** Decisions of people against removals, also of the same file under another application. */
  readonly refusing: Refusing
  /** The facts on which its decision, and those of the items removed with it, were based, by item. */
  readonly plannedOn: ReadonlyMap<string, ReadonlyArray<FactReading>>
  /** Title of another removal that its application reported as done, but had not carried out. */
  readonly untrueOf: string | null
}

/** A later decision of a person about the same file; one who has requested or approved this very removal has decided. */
const whyDecidedAgainst = (
  { snapshot }: Environment,
  { approvedBy, origin }: StoredRemoval,
  member: LibraryItem,
  { refusing }: RecheckOptions
): string | null => {
  if (origin === "person" || approvedBy !== null) return null
  return whyRefused(snapshot, member, refusing)
}

/** Whether the acting rule that queued an item still acts on it, as the facts are now. */
const recheckRule = (environment: Environment, removal: StoredRemoval, item: LibraryItem): Verdict => {
  const rule = environment.rules.acting.find((one) => one.rule.id === removal.ruleId)
  if (rule === undefined) return spare("its rule was deleted or switched off")
  if (rule.action.type !== "remove") return spare(`the rule "${rule.rule.name}" no longer removes`)
  const other = whyOtherTerms(removal, rule.action)
  if (other !== null) return spare(other)
  // Somebody changed the rule so that a person must approve.
  if (rule.action.approval === true && removal.approvedBy === null) return spare("a person must approve it now")
  const verdict = judge(environment, rule, item)
  if (verdict._tag === "Unknown") return wait(verdict.because)
  if (verdict._tag === "Kept") return spare(verdict.because)
  return verdict._tag === "NoMatch" ? spare(whyNotMatching(environment, rule, item)) : go
}

const modeOf = (
  { groups }: Environment,
  { diskGroupId }: LibraryItem,
  { defaultMode }: Pick<RecheckOptions, "defaultMode">
): RemovalMode => (diskGroupId === null ? undefined : groups.get(diskGroupId))?.mode ?? defaultMode

/** The members of its collection, with those that were requested with it and are still in the library. */
export const unitWith = (
  environment: Environment,
  item: LibraryItem,
  requestedWith: ReadonlySet<string>
): ReadonlyArray<LibraryItem> => {
  const { byId } = environment.snapshot
  const requested = [...requestedWith].flatMap((id) => byId.get(id) ?? [])
  return [...new Set([...unitOf(environment, item).members, ...requested])]
}

export const recheck = (environment: Environment, removal: StoredRemoval, options: RecheckOptions): Verdict => {
  if (options.braked) return wait("deletions are switched off")
  const item = environment.snapshot.byId.get(removal.itemId)
  if (item === undefined) return spare("it is no longer in the library")
  const live = environment.live.get(item.integrationId)
  if (live === undefined) return wait("its integration is disabled")
  if (live.connected.removal === undefined || !live.can("removal"))
    return spare(`${live.integration.name} may no longer remove anything`)
  if (!actionsOf(live.connected.removal, removal.kind).includes(removal.action))
    return spare(cannotDo(live.integration.name, removal.kind, removal.action))
  const doubt = whyManagerUnsure(environment.sources, item)
  if (doubt !== null) return wait(doubt)
  if (options.untrueOf !== null) {
    return wait(
      `${live.integration.name} said that "${options.untrueOf}" was removed, and still has it; until that removal has succeeded or is cancelled, nothing else is removed there`
    )
  }
  const group = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)
  // Currently unreachable: the disk that it was planned for has not been deleted yet.
  const planned = removal.diskGroupId === null ? undefined : environment.groups.get(removal.diskGroupId)
  if (group === undefined && planned !== undefined) {
    return wait(`its folder currently has no disk; it was planned for ${planned.mountPath}`)
  }
  const mode = modeOf(environment, item, options)
  if (mode === "dry-run") {
    return spare(group === undefined ? "it is on no known disk" : `the disk ${group.mountPath} is in dry-run`)
  }
  const unit = removal.collection === null ? [item] : unitWith(environment, item, options.requestedWith)
  for (const member of unit) {
    // Regardless of trust in its sources: an item that somebody is watching waits.
    if (member.data.playback?.playing === true) {
      return wait(member === item ? "it is being played" : `"${member.title}" of the same collection is being played`)
    }
    // Which episode of its season somebody is watching is not always known.
    const season = member.kind === "episode" ? environment.snapshot.parentOf(member) : undefined
    if (season?.kind === "season" && season.data.playback?.playing === true) {
      return wait(`"${season.title}", to which "${member.title}" belongs, is being played`)
    }
  }
  for (const member of unit) {
    const refused = whyDecidedAgainst(environment, removal, member, options)
    if (refused !== null) return spare(refused)
    if (options.requestedWith.has(member.id) && modeOf(environment, member, options) === "dry-run") {
      return spare(`"${member.title}" of the same collection is on a disk in dry-run`)
    }
    const decision = decide(environment, member)
    if (decision.status === "protected" || decision.status === "kept") {
      return spare(
        member === item
          ? (decision.because ?? decision.status)
          : `"${member.title}" of the same collection stays: ${decision.because ?? ""}`
      )
    }
    // A person who requested the removal of this very item has decided; the engine cannot, while facts are missing.
    if (removal.origin === "person") {
      const shared = deletesFiles(removal.action) ? whyFolderStays(environment, member) : null
      if (shared !== null) return spare(shared)
      const unsure = unsureKeeping(environment, member)
      if (unsure.length > 0) return wait(`a rule may keep it: ${unsure.join(", ")} unknown`)
      continue
    }
    if (removal.origin === "rule") {
      const verdict = recheckRule(environment, removal, member)
      if (verdict._tag !== "Go") return verdict
      const changed = whyChanged(options.plannedOn.get(member.id) ?? [], sheetOf(environment, member))
      if (changed !== null) return spare(changed)
      continue
    }
    if (decision.status === "undecided") {
      const because = decision.because ?? "facts are unknown"
      return wait(member === item ? because : `of "${member.title}" of the same collection ${because}`)
    }
    if (decision.status !== "candidate") return spare(decision.because ?? decision.status)
    const changed = whyChanged(options.plannedOn.get(member.id) ?? [], sheetOf(environment, member))
    if (changed !== null)
      return spare(member === item ? changed : `of "${member.title}" of the same collection: ${changed}`)
  }
  if (removal.origin === "rule" && removal.approvedBy === null && mode === "approval") {
    return spare(
      group === undefined
        ? "it is on no known disk, and a person must approve it"
        : `the disk ${group.mountPath} asks for an approval now`
    )
  }
  if (removal.origin !== "engine") {
    const stopped = deletesFiles(removal.action) ? (group?.stoppedBecause ?? null) : null
    return stopped === null ? go : wait(stopped)
  }
  if (group === undefined) return spare("it is on no known disk")
  if (removal.approvedBy === null && removal.mode !== group.mode) {
    return spare(`the disk ${group.mountPath} went from ${removal.mode} to ${group.mode}`)
  }
  if (group.staleSince !== null) return wait(`the disk ${group.mountPath} is no longer reported`)
  if (group.stoppedBecause !== null) return spare(group.stoppedBecause)
  const saved = removal.mode === "sunset" ? reasonToEndNotice(environment, item, removal.createdAt) : null
  if (saved !== null) return spare(saved)
  if (!options.reading.answered.has(group.id)) return wait(`the disk ${group.mountPath} could not be read`)
  if (options.unitBegun) return go
  const { bytesAboveTarget } = pressureOf(group)
  // Bytes freed on a disk that may be the same one count here too.
  const freed = [group.id, ...(group.mayBeSameAs ?? [])].reduce(
    (sum, id) => sum + (options.reading.freed.get(id) ?? 0),
    0
  )
  if (bytesAboveTarget - freed <= 0) return spare(`the disk ${group.mountPath} has reached its target`)
  return go
}
