/** The preview of a whole library in one state: every decision in order, and what of it stands on which disks. */
import { DateTime, Effect, type Scope } from "effect"
import type { RemovalCaps } from "../../settings/RemovalCaps.ts"
import type { Decision, DecisionStatus, Environment } from "../Decision.ts"
import { planGroups, type PreviewSummary, type Standing, summarise, unitsOn } from "../Planning.ts"
import type { PreviewedItem } from "../Preview.ts"
import { makeShared, type Shared } from "./Shared.ts"

export interface WholePreview {
  readonly environment: Environment
  readonly ranked: ReadonlyArray<Decision>
  readonly standing: Standing
  readonly caps: RemovalCaps
}

/** What stands on one disk group, or on all. */
export interface PreviewView {
  readonly environment: Environment
  readonly computedAt: string
  readonly summary: PreviewSummary
  readonly planned: ReadonlySet<string>
  /** What was shown of it. */
  readonly explained: WeakMap<Decision, PreviewedItem>
  readonly shown: (status: DecisionStatus | "planned" | undefined) => ReadonlyArray<Decision>
}

export const viewOf = Effect.fnUntraced(function* (whole: WholePreview, diskGroupId: string | undefined) {
  const { environment, ranked } = whole
  const diskGroupIds = diskGroupId === undefined ? undefined : [diskGroupId]
  const planning = { ...whole, diskGroupIds }
  const groups = yield* planGroups(planning)
  const planned = new Set(groups.flatMap(({ plan }) => plan.items.map(({ decision }) => decision.item.id)))
  const units = yield* unitsOn(environment, ranked, diskGroupIds)
  const summary = yield* summarise(planning, groups)
  const byStatus = new Map<DecisionStatus | "planned", ReadonlyArray<Decision>>()
  const view: PreviewView = {
    environment,
    computedAt: DateTime.formatIso(DateTime.makeUnsafe(environment.now)),
    summary,
    planned,
    explained: new WeakMap(),
    shown: (status) => {
      if (status === undefined) return units
      const found =
        byStatus.get(status) ??
        units.filter((decision) => (status === "planned" ? planned.has(decision.item.id) : decision.status === status))
      byStatus.set(status, found)
      return found
    }
  }
  return view
})

/** Views that are kept of one state beside the library's own; they hold lists of what is in memory anyway. */
const viewsKept = 8

/** The views over one computation of the whole, each made once and while somebody waits for it. */
export const makeViews = <E>(whole: Shared<WholePreview, E>, scope: Scope.Scope) => {
  const views = new Map<string | undefined, Shared<PreviewView, E>>()
  return (diskGroupId: string | undefined): Shared<PreviewView, E> => {
    const view =
      views.get(diskGroupId) ??
      makeShared(
        Effect.flatMap(whole.get, (all) => viewOf(all, diskGroupId)),
        scope
      )
    // The one that was asked for last stands last.
    views.delete(diskGroupId)
    views.set(diskGroupId, view)
    if (views.size > viewsKept) {
      const [oldest] = views.keys()
      views.delete(oldest)
    }
    return view
  }
}
