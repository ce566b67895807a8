/**
 * The library as one value in memory: every item that is there, with the means to tell its facts. Rules, scores and
 * previews run over it, so that 20,000 items cost no query.
 */
import { Clock, Context, Effect, Layer, Option, SynchronizedRef } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../integrations/Integrations.ts"
import { Settings } from "../settings/Settings.ts"
import { inTransaction } from "../storage/Transactions.ts"
import { type Counting, countingOf, removingWholes } from "./Counting.ts"
import { itemKey, type LibraryItem } from "./Item.ts"
import { Items } from "./Items.ts"
import { readable } from "./Reading.ts"
import { type FactSource, makeSourceContext, type SourceContext } from "./SourceContext.ts"
import { Sources } from "./Sources.ts"
import { serverOf } from "./Sync/MediaServers.ts"

export interface Snapshot {
  readonly items: ReadonlyArray<LibraryItem>
  readonly byId: ReadonlyMap<string, LibraryItem>
  /** Seasons of a show, albums of an artist, books of an author. */
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
  /** The same title once more: other items of its kind with one of its typed ids, whichever application has them. */
  readonly copiesOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  readonly inCollection: (collection: string) => ReadonlyArray<LibraryItem>
  readonly collections: ReadonlyArray<string>
}

export class Snapshots extends Context.Service<
  Snapshots,
  {
    readonly get: Effect.Effect<Snapshot>
    /** The next `get` reads the database again. */
    readonly invalidate: Effect.Effect<void>
    /** What the sources of facts may be believed, at this moment of the clock. */
    readonly context: Effect.Effect<SourceContext>
    /** The collections of the library, with what stands in each. */
    readonly collections: Effect.Effect<ReadonlyArray<CollectionSummary>>
  }
>()("tendarr/library/Snapshots") {
  static readonly layer = Layer.effect(
    Snapshots,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const items = yield* Items
      const sources = yield* Sources
      const integrations = yield* Integrations
      const settings = yield* Settings
      const cached = yield* SynchronizedRef.make(Option.none<Snapshot>())

      const loaded = Effect.flatMap(items.load, snapshotInTurns)
      const get = Effect.gen(function* () {
        const before = yield* SynchronizedRef.get(cached)
        if (Option.isSome(before)) return before.value
        // The one who fills the cache may be waiting for our connection; what is not committed is not for others.
        if (yield* inTransaction(sql)) return yield* loaded
        return yield* SynchronizedRef.modifyEffect(cached, (again) =>
          Option.isSome(again)
            ? Effect.succeed([again.value, again] as const)
            : Effect.map(loaded, (snapshot) => [snapshot, Option.some(snapshot)] as const)
        )
      })

      return Snapshots.of({
        get,
        collections: Effect.gen(function* () {
          const snapshot = yield* get
          return collectionsOf(snapshot, countingOf(snapshot, removingWholes(yield* integrations.list)))
        }),
        invalidate: SynchronizedRef.set(cached, Option.none()),
        context: Effect.gen(function* () {
          const live = yield* integrations.live
          const states = yield* sources.states
          const { activeViewerDays, maxFactAgeHours, watchedMovieShare, watchedSeasonShare } =
            yield* settings.get("library")
          return makeSourceContext({
            sources: live.map((one): FactSource => {
              const server = serverOf(one, live)
              return {
                integrationId: one.integration.id,
                name: one.integration.name,
                itemKinds: one.kind.itemKinds,
                reads: readable(one),
                detached: server._tag === "Missing" ? server.detail : null
              }
            }),
            states,
            now: yield* Clock.currentTimeMillis,
            maxFactAgeMillis: maxFactAgeHours * 3_600_000,
            watching: {
              movieShare: watchedMovieShare,
              seasonShare: watchedSeasonShare,
              activeDays: activeViewerDays
            }
          })
        })
      })
    })
  )
}

export const makeSnapshot = (items: ReadonlyArray<LibraryItem>): Snapshot => {
  const look = lookUps()
  look.add(items)
  return look.over(items)
}

const snapshotInTurns = Effect.fnUntraced(function* (items: ReadonlyArray<LibraryItem>) {
  const look = lookUps()
  for (let start = 0; start < items.length; start += itemsAtOnce) {
    look.add(items.slice(start, start + itemsAtOnce))
    yield* Effect.yieldNow
  }
  return look.over(items)
})

/** Items looked at between two turns of the event loop. */
const itemsAtOnce = 1000

const lookUps = () => {
  const byId = new Map<string, LibraryItem>()
  const byKey = new Map<string, LibraryItem>()
  const children = new Map<string, Array<LibraryItem>>()
  const collections = new Map<string, Array<LibraryItem>>()
  return {
    add: (items: ReadonlyArray<LibraryItem>): void => {
      for (const item of items) {
        byId.set(item.id, item)
        byKey.set(itemKey(item.integrationId, item.externalId), item)
        if (item.parentExternalId !== null) pushTo(children, itemKey(item.integrationId, item.parentExternalId), item)
        for (const collection of item.collections) pushTo(collections, collection, item)
      }
    },
    over: (items: ReadonlyArray<LibraryItem>): Snapshot => ({
      items,
      byId,
      childrenOf: (item) => children.get(itemKey(item.integrationId, item.externalId)) ?? [],
      parentOf: (item) =>
        item.parentExternalId === null ? undefined : byKey.get(itemKey(item.integrationId, item.parentExternalId)),
      copiesOf: copiesIn(items),
      inCollection: (collection) => collections.get(collection) ?? [],
      collections: [...collections.keys()].sort((a, b) => (a < b ? -1 : 1))
    })
  }
}

/** Looks copies up by typed ids. The look-up is built when it is first asked for. */
const copiesIn = (items: ReadonlyArray<LibraryItem>): Snapshot["copiesOf"] => {
  let byId: Map<string, Array<LibraryItem>> | undefined
  // Seasons carry the ids of their show.
  const keysOf = ({ data, ids, kind }: LibraryItem) =>
    ids.map((id) => `${kind}|${data.catalog.seasonNumber ?? ""}|${id}`)
  return (item) => {
    if (byId === undefined) {
      byId = new Map()
      for (const each of items) for (const key of keysOf(each)) pushTo(byId, key, each)
    }
    const found = new Set<LibraryItem>()
    for (const key of keysOf(item)) for (const other of byId.get(key) ?? []) if (other.id !== item.id) found.add(other)
    return [...found]
  }
}

/** A collection with what stands in it; of a show and its seasons not both. */
export interface CollectionSummary {
  readonly title: string
  readonly items: number
  readonly bytes: number
}

export const collectionsOf = (snapshot: Snapshot, { tally }: Counting): ReadonlyArray<CollectionSummary> =>
  snapshot.collections.map((title) => ({ title, ...tally(snapshot.inCollection(title)) }))

const pushTo = (map: Map<string, Array<LibraryItem>>, key: string, item: LibraryItem) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [item])
  else list.push(item)
}
