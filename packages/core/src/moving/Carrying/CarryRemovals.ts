/** Requests the removals that were queued, none of them earlier than there. */
import { Clock, Effect } from "effect"
import { isBraked } from "../../acts/Brake.ts"
import { Engine } from "../../capacity/Engine.ts"
import { dayMillis, isoOfMillis } from "../../problems/Instants.ts"
import { makeRequest } from "../../removals/Removals/Request.ts"
import { Settings } from "../../settings/Settings.ts"
import type { FoundRemoval } from "../Found.ts"
import type { Matching } from "../Matching.ts"
import type { Carried } from "./Carried.ts"

/** The least time between a move and the first removal of its queue. */
const leastMillis = dayMillis
const mostDays = 3650

export const makeCarryRemovals = Effect.gen(function* () {
  const engine = yield* Engine
  const settings = yield* Settings
  const request = yield* makeRequest

  /** `shown` are the times that a preview showed, by the keys of their records: nothing is removed before them. */
  return Effect.fnUntraced(function* (
    all: ReadonlyArray<FoundRemoval>,
    matching: Matching,
    shown: ReadonlyMap<string, string>
  ) {
    if (all.length === 0) return []
    const now = yield* Clock.currentTimeMillis
    const braked = yield* isBraked(settings)
    // Includes the rules and the protections that were just created.
    const environment = yield* Effect.result(engine.environment)

    return yield* Effect.forEach(
      all,
      Effect.fnUntraced(function* (one) {
        const { action, deadline, importExclusion, item, key, lost, notes, original, resetRequest } = one
        const matched = matching.find(item)
        const items = typeof matched === "string" ? [] : matched.items
        const [here] = items
        const entry = {
          section: "removals",
          title: here?.title ?? one.title,
          notes,
          original,
          itemId: here?.id ?? null,
          matchedBy: typeof matched === "string" ? null : matched.by
        } as const
        const result = (outcome: "present" | "not-carried", because: string): Carried => ({
          key,
          created: null,
          entry: { ...entry, outcome, because }
        })
        if (lost.length > 0 || action === null) return result("not-carried", lost.join("; "))
        if (deadline === null) return result("not-carried", "it has no time at which it would have been removed")
        if (typeof matched === "string") return result("not-carried", matched)
        if (here === undefined || items.length > 1)
          return result("not-carried", severalItems(items.map(({ id }) => id)))
        if (braked) return result("not-carried", brakedText)
        if (environment._tag === "Failure") return result("not-carried", environment.failure.message)
        const promised = shown.get(key)
        const earliest = promised === undefined ? now + leastMillis : Date.parse(promised)
        const notBefore = Math.max(earliest, Date.parse(deadline))
        const graceDays = Math.max(0, Math.ceil((notBefore - now) / dayMillis))
        if (graceDays > mostDays) return result("not-carried", `its time is more than ${mostDays} days ahead`)
        const exclusion = importExclusion === null ? {} : { importExclusion }
        const asked = (resets: boolean) =>
          Effect.map(
            request(here.id, { action, resetRequest: resets, graceDays, ...exclusion }, null, environment.success),
            (removal) => ({ removal, resets })
          )
        const requested = yield* Effect.result(
          // Where no request can be reset, the removal is not lost because of that.
          resetRequest ? Effect.catchTag(asked(true), "RemovalForbidden", () => asked(false)) : asked(false)
        )
        yield* Effect.yieldNow
        if (requested._tag === "Failure") {
          const { failure } = requested
          if (failure._tag === "RemovalStateConflict") return result("present", "a removal of it is open here already")
          return result("not-carried", "detail" in failure ? failure.detail : failure.message)
        }
        const { removal, resets } = requested.success
        const carried: Carried = {
          key,
          created: `removal:${removal.id}`,
          entry: {
            ...entry,
            notes: [
              ...(removal.state === "proposed" ? [proposed] : []),
              ...(resetRequest && !resets ? [noReset] : []),
              ...notes
            ],
            outcome: "create",
            because: null,
            removal: { action, resetRequest: resets, notBefore: isoOfMillis(notBefore) }
          }
        }
        return carried
      })
    )
  })
})

const brakedText = "deletions are switched off: switch them on, and preview the file again"

const noReset = "its request is not reset: no application here can reset it"

const proposed = "its disk is in dry-run: it remains a proposal until a person approves it"

const severalItems = (ids: ReadonlyArray<string>): string =>
  `several items here are that title (${ids.join(", ")}): request the removal of the right one`
