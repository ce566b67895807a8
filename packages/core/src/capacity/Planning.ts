/**
 * What a run would remove now: the plans of all disks over one ranking, taking into account removals in progress and
 * users' refusals. Both the preview and the run compute their plan here, so that they agree.
 */
import { Context, Effect, Schema } from "effect"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { Tally } from "../library/Counting.ts"
import { countsElsewhere } from "../library/Places.ts"
import type { RemovalCaps } from "../settings/RemovalCaps.ts"
import { type Decision, type DecisionStatus, decisionStatuses, type Environment } from "./Decision.ts"
import type { DiskGroup } from "./DiskGroup.ts"
import { allowanceOf, plan, type Plan, takenWith, turnsOf } from "./Plan.ts"

/** Counts and bytes of items, each counted once: a show or its seasons, whichever is removed. */
export const PreviewSummary = Schema.Struct({
  /** Number of evaluated items; the sum over the five statuses. */
  evaluated: Schema.Int,
  candidate: Tally,
  undecided: Tally,
  kept: Tally,
  protected: Tally,
  irremovable: Tally,
  /** All items, and the bytes of all their files. */
  total: Tally,
  /** Bytes of shows, artists and authors besides those of the parts that are removed, such as extras. */
  restBytes: Schema.Finite,
  /** What a run would remove now, without removals that are already in progress. */
  planned: Tally,
  /** Bytes above the targets of the disks that are too full. */
  bytesToFree: Schema.Finite,
  /** Bytes of removals that are scheduled or executing on these disks. */
  underWayBytes: Schema.Finite
}).annotate({ identifier: "PreviewSummary" })
export type PreviewSummary = typeof PreviewSummary.Type

/** What blocks planning an item, and what is already freeing space. */
export interface Standing {
  /** Items that must not be planned: the engine must not change their removal, or a person has refused it. */
  readonly blocked: ReadonlySet<string>
  /** Bytes that removals in progress will free, by disk group id. */
  readonly underWay: ReadonlyMap<string, number>
}

/** Provided by the removals module. */
export class Standings extends Context.Service<
  Standings,
  { readonly of: (environment: Environment) => Effect.Effect<Standing> }
>()("tendarr/capacity/Standings") {}

export interface GroupPlanned {
  readonly group: DiskGroup
  readonly plan: Plan
  readonly underWayBytes: number
  /** Why nothing is planned here, whatever the disk needs. */
  readonly skipped: string | null
}

export interface PlanningOptions {
  readonly environment: Environment
  /** Decisions about the whole library, in order. */
  readonly ranked: ReadonlyArray<Decision>
  readonly standing: Standing
  readonly caps: RemovalCaps
  /** Only these disk groups. */
  readonly diskGroupIds?: ReadonlyArray<string> | undefined
}

export const planGroups = Effect.fnUntraced(function* (options: PlanningOptions) {
  const { environment, ranked, standing } = options
  const { counting, groups, snapshot } = environment
  let allowance = allowanceOf(options.caps, counting.tally(snapshot.items).items)
  const planned: Array<GroupPlanned> = []
  const blocked = new Set(standing.blocked)
  const wanted = [...groups.values()].filter(({ id }) => among(options.diskGroupIds, id))
  for (const { group, skipped } of turnsOf(wanted)) {
    // Disks that may be the same free the same bytes.
    const disks = [group.id, ...(group.mayBeSameAs ?? [])]
    const underWayBytes = disks.reduce((sum, id) => sum + (standing.underWay.get(id) ?? 0), 0)
    const one = yield* plan({
      environment,
      group,
      ranked: skipped === null ? ranked : [],
      neededBytes: Math.max(0, group.bytesToFree - underWayBytes),
      blocked,
      allowance
    })
    allowance = { items: allowance.items - one.items.length, bytes: allowance.bytes - one.plannedBytes }
    planned.push({ group, plan: one, underWayBytes, skipped })
    yield* forEachWithPauses(one.items, ({ decision }) => {
      for (const { id } of takenWith(snapshot, decision.item)) blocked.add(id)
    })
    // Planning one disk iterates over the whole library.
    yield* Effect.yieldNow
  }
  return planned as ReadonlyArray<GroupPlanned>
})

/** Figures of what was evaluated and what is planned; with disk groups, only of the items on these. */
export const summarise = Effect.fnUntraced(function* (
  { diskGroupIds, environment, ranked }: PlanningOptions,
  planned: ReadonlyArray<GroupPlanned>
): Effect.fn.Return<PreviewSummary> {
  const { counting, snapshot } = environment
  const tallies: Record<DecisionStatus, { items: number; bytes: number }> = {
    candidate: { items: 0, bytes: 0 },
    undecided: { items: 0, bytes: 0 },
    kept: { items: 0, bytes: 0 },
    protected: { items: 0, bytes: 0 },
    irremovable: { items: 0, bytes: 0 }
  }
  const units = yield* unitsOn(environment, ranked, diskGroupIds)
  const summed = new Set(units.map(({ item }) => item))
  yield* forEachWithPauses(units, ({ item, status }) => {
    tallies[status].items++
    if (!countsElsewhere(snapshot.sameFileAs, summed, item)) tallies[status].bytes += item.sizeBytes
  })
  const counted = (of: "items" | "bytes") => decisionStatuses.reduce((sum, status) => sum + tallies[status][of], 0)
  const here =
    diskGroupIds === undefined ? snapshot.items : snapshot.items.filter((item) => among(diskGroupIds, item.diskGroupId))
  yield* Effect.yieldNow
  const { bytes } = counting.tally(here)
  yield* Effect.yieldNow
  const reached = planned.filter(({ skipped }) => skipped === null)
  return {
    evaluated: counted("items"),
    ...tallies,
    total: { items: counted("items"), bytes },
    restBytes: Math.max(0, bytes - counted("bytes")),
    planned: {
      items: planned.reduce((sum, { plan }) => sum + plan.items.length, 0),
      bytes: planned.reduce((sum, { plan }) => sum + plan.plannedBytes, 0)
    },
    bytesToFree: reached.reduce((sum, { group }) => sum + group.bytesToFree, 0),
    underWayBytes: reached.reduce((sum, { underWayBytes }) => sum + underWayBytes, 0)
  }
})

/** Decisions about units (what counts as an item) on these disk groups. */
export const unitsOn = Effect.fnUntraced(function* (
  { counting }: Environment,
  ranked: ReadonlyArray<Decision>,
  diskGroupIds?: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyArray<Decision>> {
  const units: Array<Decision> = []
  yield* forEachWithPauses(ranked, (decision) => {
    const { item } = decision
    if (counting.isUnit(item) && among(diskGroupIds, item.diskGroupId)) units.push(decision)
  })
  return units
})

const among = (diskGroupIds: ReadonlyArray<string> | undefined, id: string | null): boolean =>
  diskGroupIds === undefined || (id !== null && diskGroupIds.includes(id))
