/**
 * Reads the facts of an item again before it is removed: those of its manager, its plays, its requests, and whether it
 * is being played. Facts that cannot be read again must have been read since the plan.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Environment } from "../../capacity/Decision.ts"
import type { Engine } from "../../capacity/Engine.ts"
import type { Contents } from "../../library/Contents.ts"
import type { LibraryItem } from "../../library/Item.ts"
import { makeRecordDetails } from "../../library/ItemDetails.ts"
import { type FreshItem, refresh, snapshotWith, type Unasked } from "../../library/Refreshing.ts"
import { nowIso } from "../../problems/Instants.ts"
import type { FactReading } from "../../rules/FactReading.ts"
import { storedIdentities } from "../../viewers/Identities.ts"
import { unitWith } from "../Recheck.ts"
import { openStates } from "../Removal.ts"
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
  const sql = yield* SqlClient.SqlClient
  const record = yield* makeRecordDetails(sql)

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
    const live = [...environment.live.values()]
    const identities = yield* storedIdentities(sql)
    const items = new Map<string, FreshItem>()
    const reread = new Set<string>()
    for (const item of membersOf(environment, removal, fellows)) {
      const target = item.id === removal.itemId ? targetOf(removal) : targetOfItem(item)
      const asked = yield* Effect.result(refresh(item, target, environment.snapshot, live, identities))
      if (asked._tag === "Failure") {
        return { _tag: "Wait" as const, reason: `its facts could not be read again: ${asked.failure.message}` }
      }
      if (asked.success === "gone") {
        return {
          _tag: "Wait" as const,
          reason: `the application says that "${item.title}" is there, and does not list it`
        }
      }
      if ("doubt" in asked.success) return { _tag: "Wait" as const, reason: asked.success.doubt }
      const { items: now, people, unasked } = asked.success
      // A person who requested the removal of this very item did not rely on them.
      const old = removal.origin === "person" ? undefined : unasked.find((one) => isOlder(one, decision.at))
      if (old !== undefined) return { _tag: "Wait" as const, reason: whyTooOld(old) }
      for (const [id, each] of now) items.set(id, each)
      // Heavy facts are read from the database, by the checks that follow.
      const fresh = Array.from(now.values(), ({ files, known, plays }) => ({ item: known, files, plays }))
      yield* record(fresh, people, yield* nowIso)
      for (const { now: member } of now.values()) {
        if (member.data.contentsSign === undefined || reread.has(member.id)) continue
        reread.add(member.id)
        const read = yield* Effect.result(contents.reread(member))
        if (read._tag === "Failure") {
          return { _tag: "Wait" as const, reason: `its contents could not be read again: ${read.failure.message}` }
        }
      }
    }
    return {
      _tag: "Fresh" as const,
      facts: {
        over: (before: Environment) => ({ ...before, snapshot: snapshotWith(before.snapshot, items) }),
        plannedOn
      }
    }
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

const targetOfItem = ({ externalId, ids, kind, title }: LibraryItem) => ({ externalId, ids, kind, title })
