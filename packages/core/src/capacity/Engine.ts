/** Evaluates the whole library as it is now: for every item, whether it could be removed, and in which order. */
import { Clock, Context, Effect, Layer } from "effect"
import { Integrations } from "../integrations/Integrations.ts"
import { countingOf, removingWholes } from "../library/Counting.ts"
import { Protections } from "../library/Protections.ts"
import { Snapshots } from "../library/Snapshots.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { RulesInForce } from "../rules/RulesInForce.ts"
import { Settings } from "../settings/Settings.ts"
import { decide, type Decision, type Environment } from "./Decision.ts"
import { DiskGroups } from "./DiskGroups.ts"
import { rankInTurns } from "./Plan.ts"
import { Scoring } from "./Scoring.ts"
import { inUnits } from "./UnitRank.ts"
import { CapacitySettings } from "./CapacitySettings.ts"

/** Number of items evaluated between two yields: about a millisecond of work. */
const sliceSize = 200

export class Engine extends Context.Service<
  Engine,
  {
    /** Everything a decision depends on, as of now. */
    readonly environment: Effect.Effect<Environment, RulesUnreadable>
    /** Decisions about all items, ranked. */
    readonly decideAll: (environment: Environment) => Effect.Effect<ReadonlyArray<Decision>>
  }
>()("tendarr/capacity/Engine") {
  static readonly layer = Layer.effect(
    Engine,
    Effect.gen(function* () {
      const snapshots = yield* Snapshots
      const rules = yield* RulesInForce
      const scoring = yield* Scoring
      const protections = yield* Protections
      const diskGroups = yield* DiskGroups
      const integrations = yield* Integrations
      const settings = yield* Settings

      return Engine.of({
        environment: Effect.gen(function* () {
          const { tieBreaker } = yield* settings.get(CapacitySettings)
          const snapshot = yield* snapshots.get
          return {
            now: yield* Clock.currentTimeMillis,
            snapshot,
            sources: yield* snapshots.contextOf(snapshot),
            rules: yield* rules.over(snapshot),
            counting: countingOf(snapshot, removingWholes(yield* integrations.list)),
            factors: scoring.factors,
            weights: yield* scoring.weights,
            protecting: yield* protections.protectingIn(snapshot),
            groups: new Map((yield* diskGroups.list).map((group) => [group.id, group])),
            live: new Map((yield* integrations.live).map((live) => [live.integration.id, live])),
            tieBreaker
          }
        }),
        decideAll: Effect.fn("Engine.decideAll")(function* (environment) {
          const decisions: Array<Decision> = []
          for (const item of environment.snapshot.items) {
            decisions.push(decide(environment, item))
            if (decisions.length % sliceSize === 0) yield* Effect.yieldNow
          }
          return yield* rankInTurns(environment, yield* inUnits(environment, decisions))
        })
      })
    })
  )
}
