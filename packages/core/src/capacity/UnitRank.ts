/**
 * Ranks items that are removed together by the member that should go last: a collection is not worth less than its most
 * valuable movie.
 */
import { Effect } from "effect"
import type { Decision, Environment } from "./Decision.ts"
import { unitOf } from "./Plan.ts"

/** The decision with the rank of its unit; `decisionOf` returns the decision about another item of the library. */
export const inUnit = (
  environment: Environment,
  decision: Decision,
  decisionOf: (itemId: string) => Decision | undefined
): Decision => {
  if (decision.status !== "candidate") return decision
  const { members } = unitOf(environment, decision.item)
  if (members.length < 2) return decision
  let latest = decision
  for (const member of members) {
    const other = decisionOf(member.id)
    if (other !== undefined && other.rank < latest.rank) latest = other
  }
  return latest === decision ? decision : { ...decision, rank: latest.rank, rankedBy: latest.item.title }
}

/** The decisions about a whole library, each with the rank of its unit. */
export const inUnits = Effect.fnUntraced(function* (environment: Environment, decisions: ReadonlyArray<Decision>) {
  const together = [...environment.live.values()].some(({ integration }) => integration.options.removeCollections)
  if (!together) return decisions
  const byId = new Map(decisions.map((decision) => [decision.item.id, decision]))
  const ranked: Array<Decision> = []
  for (const decision of decisions) {
    ranked.push(inUnit(environment, decision, (id) => byId.get(id)))
    if (ranked.length % itemsAtOnce === 0) yield* Effect.yieldNow
  }
  return ranked
})

const itemsAtOnce = 500
