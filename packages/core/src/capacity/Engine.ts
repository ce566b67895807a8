/** Evaluates the whole library as it is now: for every item, whether it could be removed, and in which order. */
import { Clock, Context, Effect, Layer } from "effect"
import { Integrations } from "../integrations/Integrations.ts"
import { Contents } from "../library/Contents.ts"
import { countingOf, removingWholes } from "../library/Counting.ts"
import type { FactName } from "../library/Facts.ts"
import { heavyAmong } from "../library/Facts/Loading.ts"
import type { LibraryItem } from "../library/Item.ts"
import { itemDefinitions } from "../library/ItemFacts.ts"
import { Protections } from "../library/Protections.ts"
import { Snapshots } from "../library/Snapshots.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { RulesInForce } from "../rules/RulesInForce.ts"
import { Settings } from "../settings/Settings.ts"
import { factsOfActing } from "./Acting.ts"
import { decide, type Decision, type Environment, readWith } from "./Decision.ts"
import { DiskGroups } from "./DiskGroups.ts"
import { rankInTurns, unitOf } from "./Plan.ts"
import { Scoring } from "./Scoring.ts"
import { inUnits } from "./UnitRank.ts"
import { CapacitySettings } from "./CapacitySettings.ts"

/** Number of items evaluated between two yields: about a millisecond of work. */
const sliceSize = 200

/** How often a library is evaluated again because it has changed before its heavy facts were loaded. */
const attemptsBesideWriters = 3

export interface Evaluated {
  readonly environment: Environment
  /** Decisions about all items, ranked. */
  readonly ranked: ReadonlyArray<Decision>
}

export class Engine extends Context.Service<
  Engine,
  {
    /** Everything a decision depends on, as of now, except for heavy facts. */
    readonly environment: Effect.Effect<Environment, RulesUnreadable>
    /**
     * The environment with the heavy facts that decisions about these items read: those that its rules and factors
     * name, or the given ones. They are unknown if the library has changed since the environment was made.
     */
    readonly loaded: (
      environment: Environment,
      items: ReadonlyArray<LibraryItem>,
      facts?: Iterable<FactName>
    ) => Effect.Effect<Environment>
    /** Decisions about all items, ranked. */
    readonly decideAll: (environment: Environment) => Effect.Effect<ReadonlyArray<Decision>>
    /** The environment as of now, with decisions about all items. Heavy facts are those of the same state. */
    readonly evaluated: Effect.Effect<Evaluated, RulesUnreadable>
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
      const contents = yield* Contents

      const environmentNow = Effect.gen(function* () {
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
        } satisfies Environment
      })

      const withFacts = Effect.fnUntraced(function* (
        environment: Environment,
        items: ReadonlyArray<LibraryItem>,
        facts: ReadonlyArray<FactName>
      ): Effect.fn.Return<Environment> {
        if (facts.length === 0) return environment
        const ids = readWith(environment, items).map(({ id }) => id)
        const loaded = yield* snapshots.factsOf(environment.snapshot, facts, ids)
        if (loaded !== null) return { ...environment, loaded }
        const { loaded: _, ...without } = environment
        return without
      })

      const decideAll = Effect.fn("Engine.decideAll")(function* (environment: Environment) {
        const { items } = environment.snapshot
        const heavy = heavyIn(environment)
        const decisions: Array<Decision> = []
        let isCurrent = true
        for (let start = 0; start < items.length; start += sliceSize) {
          if (start > 0) yield* Effect.yieldNow
          const slice = items.slice(start, start + sliceSize)
          const within = yield* withFacts(environment, slice, heavy)
          isCurrent &&= heavy.length === 0 || within.loaded !== undefined
          for (const item of slice) decisions.push(decide(within, item))
        }
        return { isCurrent, ranked: yield* rankInTurns(environment, yield* inUnits(environment, decisions)) }
      })

      // While the rules cannot be read, nothing is decided that would need more.
      yield* contents.onNeeded(
        environmentNow.pipe(
          // What rules that act name is needed too, by their runs.
          Effect.map((environment) => [...heavyIn(environment), ...factsOfActing(environment.rules.acting)]),
          Effect.catchTag("RulesUnreadable", () => Effect.succeed([]))
        )
      )

      return Engine.of({
        environment: environmentNow,
        decideAll: (environment) => Effect.map(decideAll(environment), ({ ranked }) => ranked),
        loaded: (environment, items, facts) =>
          Effect.suspend(() => {
            const heavy = facts === undefined ? heavyIn(environment) : heavyAmong(itemDefinitions, facts)
            if (heavy.length === 0) return Effect.succeed(environment)
            const members = new Set(items.flatMap((item) => unitOf(environment, item).members))
            return withFacts(environment, [...members], heavy)
          }),
        evaluated: Effect.gen(function* () {
          for (let attempt = 1; ; attempt++) {
            const environment = yield* environmentNow
            const { isCurrent, ranked } = yield* decideAll(environment)
            if (isCurrent || attempt === attemptsBesideWriters) return { environment, ranked }
          }
        })
      })
    })
  )
}

/** The heavy facts that a decision reads. */
const heavyIn = (environment: Environment): ReadonlyArray<FactName> =>
  heavyAmong(itemDefinitions, factsOfDecisions(environment))

/** The facts that a rule in force that weighs or keeps, or a factor with a weight reads. */
export const factsOfDecisions = ({ factors, rules, weights }: Environment): ReadonlyArray<FactName> => [
  ...rules.facts,
  ...factors.flatMap(({ facts, key }) => ((weights[key] ?? 0) > 0 ? facts : []))
]
