/** The preview of a whole library in one state: all decisions in order, and views of them per disk group. */
import { DateTime, Effect, type Scope } from "effect"
import type { RemovalCaps } from "../../settings/RemovalCaps.ts"
import type { Decision, DecisionStatus, Environment } from "../Decision.ts"
import { planGroups, type PreviewSummary, type Standing, summarise, unitsOn } from "../Planning.ts"
import { makeShared, type Shared } from "./Shared.ts"

export interface WholePreview {
  readonly environment: Environment
  readonly ranked: ReadonlyArray<Decision>
  readonly standing: Standing
  readonly caps: RemovalCaps
}

/** The part on one disk group, or all of it. */
export interface PreviewView {
  readonly environment: Environment
  readonly computedAt: string
  readonly summary: PreviewSummary
  readonly planned: ReadonlySet<string>
  /** Entries that have been requested, as JSON. */
  readonly entries: Map<Decision, string>
  /** Pages that were requested last, as JSON. */
  readonly pages: Map<string, Uint8Array>
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
    entries: new Map(),
    pages: new Map(),
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

/** Views kept per state, besides that of the whole library; they are lists of objects that are in memory anyway. */
const viewsKept = 8

/** Views over one computation of the whole, each computed once, as long as somebody is waiting for it. */
export const makeViews = <E>(whole: Shared<WholePreview, E>, scope: Scope.Scope) => {
  const views = new Map<string | undefined, Shared<PreviewView, E>>()
  return (diskGroupId: string | undefined): Shared<PreviewView, E> => {
    const view =
      views.get(diskGroupId) ??
      makeShared(
        Effect.flatMap(whole.get, (all) => viewOf(all, diskGroupId)),
        scope
      )
    // Moves the most recently used view to the end.
    views.delete(diskGroupId)
    views.set(diskGroupId, view)
    if (views.size > viewsKept) {
      const [oldest] = views.keys()
      views.delete(oldest)
    }
    return view
  }
}
