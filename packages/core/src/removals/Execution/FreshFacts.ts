/**
 * Reads the facts of an item again before it is removed: those of its manager, its plays, its requests, and whether it
 * is being played. Facts that cannot be read again must have been read since the plan.
 */
import { Effect } from "effect"
import type { Environment } from "../../capacity/Decision.ts"
import type { Engine } from "../../capacity/Engine.ts"
import type { Contents } from "../../library/Contents.ts"
import type { LibraryItem } from "../../library/Item.ts"
import type { Unasked } from "../../library/Refreshing.ts"
import type { FactReading } from "../../rules/FactReading.ts"
import { unitWith } from "../Recheck.ts"
import { openStates } from "../Removal.ts"
import { makeRereading } from "../Rereading.ts"
import { type RemovalStore, targetOf } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"

export interface FreshFacts {
  /** The library with the items in their current state. */
  readonly over: (environment: Environment) => Environment
  /** The facts on which the removals of these items were decided. */
  readonly plannedOn: ReadonlyMap<string, ReadonlyArray<FactReading>>
}

/** The facts as they were last read. */
export const asKnown: FreshFacts = { over: (environment) => environment, plannedOn: new Map() }

export const makeFreshFacts = Effect.fnUntraced(function* (services: {
  readonly contents: Contents["Service"]
  readonly engine: Engine["Service"]
  readonly store: RemovalStore["Service"]
}) {
  const { contents, engine, store } = services
  const reread = yield* makeRereading(contents)

  /** The items that are removed with it, and checked with it, including the same files under other managers. */
  const membersOf = (
    environment: Environment,
    removal: StoredRemoval,
    fellows: ReadonlyArray<StoredRemoval>
  ): ReadonlyArray<LibraryItem> => {
    const item = environment.snapshot.byId.get(removal.itemId)
    if (item === undefined) return []
    const requested = fellows.flatMap(({ itemId, origin }) => (origin === "person" ? [itemId] : []))
    const requestedWith = new Set(removal.origin === "person" ? requested : [])
    const unit = removal.collection === null ? [item] : unitWith(environment, item, requestedWith)
    return [...new Set(unit.flatMap((member) => [member, ...environment.snapshot.sameFileAs(member)]))]
  }

  const fellowsOf = (removal: StoredRemoval) =>
    removal.collection === null
      ? Effect.succeed([])
      : store.where(
          (q) => q`collection = ${removal.collection} AND integration_id = ${Number(removal.integrationId)}
            AND id <> ${Number(removal.id)} AND ${q.in("state", openStates)}`
        )

  /** Returns why the removal has to wait, if the applications cannot be asked. */
  return Effect.fn("Execution.freshFacts")(function* (removal: StoredRemoval) {
    const environment = yield* engine.environment
    const { decision } = yield* store.detail(removal.id)
    const plannedOn = new Map([[removal.itemId, decision.facts]])
    const fellows = yield* fellowsOf(removal)
    for (const fellow of fellows) {
      plannedOn.set(fellow.itemId, (yield* store.detail(fellow.id)).decision.facts)
    }
    const members = membersOf(environment, removal, fellows)
    const read = yield* reread(
      environment,
      members.map((item) => ({ item, target: item.id === removal.itemId ? targetOf(removal) : targetOfItem(item) })),
      // A person who requested the removal of this very item did not rely on them.
      (unasked) => (removal.origin !== "person" && isOlder(unasked, decision.at) ? whyTooOld(unasked) : null)
    )
    return read._tag === "Wait" ? read : { _tag: "Fresh" as const, facts: { over: read.over, plannedOn } }
  })
})

const isOlder = ({ readAt }: Unasked, plannedAt: string): boolean => readAt === null || readAt < plannedAt

const whyTooOld = ({ name, observation, readAt }: Unasked): string =>
  `${name} cannot be asked about it alone, and its ${words[observation]} were last read ${readAt === null ? "never" : `at ${readAt}`}, before this was planned; the next sync reads them`

const words: Readonly<Record<Unasked["observation"], string>> = {
  catalog: "items",
  serverItems: "entries",
  playback: "plays",
  requests: "requests",
  watchlists: "watchlists"
}

export const targetOfItem = ({ externalId, ids, kind, title }: LibraryItem) => ({ externalId, ids, kind, title })
