/**
 * The library as one value in memory: every item, with the data to compute its facts. Rules, scores and previews run
 * over it, so that 20,000 items need no query.
 */
import { Clock, Context, Duration, Effect, Layer, Option, Ref, SynchronizedRef } from "effect"
import { SqlClient } from "effect/sql"
import type { Integration } from "../integrations/Integration.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import type { Kind } from "../integrations/Kind.ts"
import { Kinds } from "../integrations/Kinds.ts"
import { mayManage } from "../integrations/MediaServers.ts"
import { itemKinds } from "../integrations/Observations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { type Counting, countingOf, removingWholes } from "./Counting.ts"
import type { FactName } from "./Facts.ts"
import { type LoadedFacts, loadFacts } from "./Facts/Loading.ts"
import { itemKey, type LibraryItem } from "./Item.ts"
import { itemDefinitions } from "./ItemFacts.ts"
import { ItemStore } from "./ItemStore.ts"
import { countsElsewhere, mappingsOf, type MappingsOf, type Places, placesIn } from "./Places.ts"
import { readable, reads } from "./ReadableObservations.ts"
import { type DiskFigures, type FactSource, makeSourceContext, type SourceContext } from "./SourceContext.ts"
import { Sources, type SourceState } from "./Sources.ts"
import { isServer, joinTargetOf, serverOf } from "./Sync/ServerOfReading.ts"
import { LibrarySettings } from "./LibrarySettings.ts"

export interface Snapshot {
  readonly items: ReadonlyArray<LibraryItem>
  /** The number of the state of the database, which a heavy fact must be loaded from too; -1 = it is from none. */
  readonly revision: number
  /**
   * The state of the sources in the same state of the database: times and outcomes of the readings that `items` come
   * from.
   */
  readonly sourceStates: ReadonlyArray<SourceState>
  readonly byId: ReadonlyMap<string, LibraryItem>
  /**
   * Seasons of a show, episodes of a season, albums of an artist, books of an author. `Families.ts` goes over all levels.
   */
  readonly childrenOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  readonly parentOf: (item: LibraryItem) => LibraryItem | undefined
  /** The same title in other files: items of its kind that share one of its typed ids, in any application. */
  readonly copiesOf: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  /** The same files, managed by other applications, and other episodes in the same file. */
  readonly sameFileAs: Places["sameFileAs"]
  /** Another title that would be removed with this one's folder. */
  readonly folderSharedWith: Places["folderSharedWith"]
  readonly inCollection: (collection: string) => ReadonlyArray<LibraryItem>
  readonly collections: ReadonlyArray<string>
}

/**
 * For how long a library that was requested stays in memory: 2.5 KB per item, while reading it again takes half a second
 * per 20,000 items. Jobs request it in quick succession. For a person, who may come back, it is kept for longer.
 */
export const StaysInMemory = Context.Reference<Duration.Input>("tendarr/library/StaysInMemory", {
  defaultValue: () => "8 seconds"
})
export const forAPerson: Duration.Input = "5 minutes"

export class Snapshots extends Context.Service<
  Snapshots,
  {
    /**
     * The library in one state of the database: the last committed one, or within a transaction its own. Loaded again
     * only after a change.
     */
    readonly get: Effect.Effect<Snapshot>
    /**
     * Loads heavy facts of these items; `null` if the database is no longer in the state of the snapshot, so that they
     * would not belong together.
     */
    readonly factsOf: (
      snapshot: Snapshot,
      names: ReadonlyArray<FactName>,
      itemIds: ReadonlyArray<string>
    ) => Effect.Effect<LoadedFacts<FactName> | null>
    /** What the sources of this snapshot can be trusted for at the current time. */
    readonly contextOf: (snapshot: Snapshot) => Effect.Effect<SourceContext>
    /** The collections of the library with their contents. */
    readonly collections: Effect.Effect<ReadonlyArray<CollectionSummary>>
    /** Runs an effect, instead of the one given before, whenever a library has been dropped from memory. */
    readonly onDropped: (effect: Effect.Effect<void>) => Effect.Effect<void>
  }
>()("tendarr/library/Snapshots") {
  static readonly layer = Layer.effect(
    Snapshots,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const items = yield* ItemStore
      const sources = yield* Sources
      const integrations = yield* Integrations
      const settings = yield* Settings
      const kinds = yield* Kinds
      const cached = yield* SynchronizedRef.make(Option.none<Loaded>())

      /** Incremented by the database in every transaction that changes items or sources. */
      const revisionIn = (from: SqlClient.SqlClient) =>
        from<{ value: number }>`SELECT value FROM counters WHERE name = 'library.revision'`.pipe(
          Effect.map((rows) => rows[0]!.value),
          Effect.orDie
        )

      const load = Effect.fnUntraced(function* (from: SqlClient.SqlClient) {
        const revision = yield* revisionIn(from)
        const states = yield* sources.statesFrom(from)
        const mapped = mappingsOf(yield* integrations.list).size > 0
        const loaded = yield* snapshotInTurns(yield* items.load(from), states, mapped)
        return { revision, snapshot: { ...loaded, revision } } satisfies Loaded
      })

      /**
       * Loads in pieces, between which others may commit: if the pieces are not from one state, they are loaded again.
       */
      const loadCommitted = Effect.gen(function* () {
        for (let attempt = 0; attempt < attemptsBesideWriters; attempt++) {
          const loaded = yield* load(reader)
          if ((yield* revisionIn(reader)) === loaded.revision) return loaded
        }
        return yield* transact(load(sql))
      })

      /** A changed path mapping takes effect immediately, without another sync. */
      const placed = yield* Ref.make<Placed | null>(null)
      const withPlaces = Effect.fnUntraced(function* (snapshot: Snapshot) {
        const mappings = mappingsOf(yield* integrations.list)
        const key = JSON.stringify([...mappings])
        const before = yield* Ref.get(placed)
        if (before?.items === snapshot.items && before.key === key) return before.snapshot
        const now = { items: snapshot.items, key, snapshot: placeAnew(snapshot, mappings) }
        yield* Ref.set(placed, now)
        return now.snapshot
      })

      let afterDrop: Effect.Effect<void> = Effect.void
      let staysUntil = 0
      let isWatched = false
      const scope = yield* Effect.scope

      const dropUnused = Effect.gen(function* () {
        for (;;) {
          const left = staysUntil - (yield* Clock.currentTimeMillis)
          if (left <= 0) break
          yield* Effect.sleep(left)
        }
        isWatched = false
        yield* SynchronizedRef.set(cached, Option.none())
        yield* Ref.set(placed, null)
        yield* afterDrop
      })

      const stays = Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        staysUntil = Math.max(staysUntil, now + Duration.toMillis(yield* StaysInMemory))
        if (isWatched) return
        isWatched = true
        yield* Effect.forkIn(dropUnused, scope)
      })

      const get = Effect.gen(function* () {
        const within = yield* inTransaction(sql)
        const revision = yield* revisionIn(within ? sql : reader)
        const before = yield* SynchronizedRef.get(cached)
        if (Option.isSome(before) && before.value.revision === revision) return before.value.snapshot
        // Inside a transaction, bypass the cache: the fiber filling it may be blocked on the connection we hold, and
        // uncommitted rows must not be cached.
        if (within) return (yield* load(sql)).snapshot
        return yield* SynchronizedRef.modifyEffect(cached, (again) =>
          Option.isSome(again) && again.value.revision >= revision
            ? Effect.succeed([again.value.snapshot, again] as const)
            : Effect.map(loadCommitted, (loaded) => [loaded.snapshot, Option.some(loaded)] as const)
        )
      }).pipe(Effect.flatMap(withPlaces), Effect.tap(stays))

      const factsOf = Effect.fn("Snapshots.factsOf")(function* (
        snapshot: Snapshot,
        names: ReadonlyArray<FactName>,
        itemIds: ReadonlyArray<string>
      ) {
        const from = (yield* inTransaction(sql)) ? sql : reader
        const loaded = yield* Effect.provideService(loadFacts(itemDefinitions, names, itemIds), ReadSql, from)
        // The revision only grows, so everything before it was read from this state too.
        return (yield* revisionIn(from)) === snapshot.revision ? loaded : null
      })

      return Snapshots.of({
        get,
        factsOf,
        onDropped: (effect) =>
          Effect.sync(() => {
            afterDrop = effect
          }),
        collections: Effect.gen(function* () {
          const snapshot = yield* get
          return collectionsOf(snapshot, countingOf(snapshot, removingWholes(yield* integrations.list)))
        }),
        contextOf: Effect.fnUntraced(function* (snapshot) {
          const live = yield* integrations.live
          const unusable = (yield* integrations.list).filter(
            ({ enabled, id }) => enabled && !live.some((one) => one.integration.id === id)
          )
          const { activeViewerDays, maxFactAgeHours, watchedMovieShare, watchedSeasonShare } =
            yield* settings.get(LibrarySettings)
          const usable = live.map((one): FactSource => {
            const server = serverOf(one, live)
            return {
              integrationId: one.integration.id,
              name: one.integration.name,
              itemKinds: one.kind.itemKinds,
              reads: readable(one),
              ...aboutCatalog(one),
              url: one.integration.url,
              playsHangOn: joinTargetOf(one, "playback", live),
              listsHangOn: joinTargetOf(one, "watchlists", live),
              detached: server._tag === "Missing" ? server.detail : null
            }
          })
          const known = yield* kinds.list
          const mayManageItems = ({ kind }: Integration) => {
            const found = known.find(({ id }) => id === kind)
            return found === undefined || mayManage(found)
          }
          const disabled = (yield* integrations.list).filter((one) => !one.enabled && mayManageItems(one))
          return makeSourceContext({
            disks: yield* disksIn((yield* inTransaction(sql)) ? sql : reader),
            sources: [
              ...usable,
              ...unusable.map((one) => unusableSource(one, snapshot.sourceStates, mayManageItems(one))),
              ...disabled.map(disabledManager(known))
            ],
            states: snapshot.sourceStates,
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

/**
 * For example an integration of a kind that this process does not have. It still counts as a source, so that its facts
 * are unknown rather than inapplicable.
 */
const unusableSource = (
  { id, name }: Integration,
  states: ReadonlyArray<SourceState>,
  mayManageItems: boolean
): FactSource => ({
  integrationId: id,
  name,
  itemKinds,
  reads: [
    ...states.filter(({ integrationId }) => integrationId === id).map(({ observation }) => observation),
    ...(mayManageItems ? (["catalog"] as const) : [])
  ],
  detached: null,
  unusable: "is of an unknown kind, or its configuration does not fit the kind"
})

/** Only its catalog counts: what it knows is not removed through a media server. */
const disabledManager =
  (kinds: ReadonlyArray<Kind>) =>
  ({ id, kind, name }: Integration): FactSource => ({
    integrationId: id,
    name,
    itemKinds: kinds.find((one) => one.id === kind)?.itemKinds ?? itemKinds,
    reads: [],
    detached: null,
    isDisabled: true,
    knowsUnread: true
  })

/** A manager whose catalog is switched off still knows what it knows. */
const aboutCatalog = (one: LiveIntegration): Partial<FactSource> => {
  if (isServer(one)) return { isServer: true }
  return one.connected.read.catalog === undefined || reads(one, "catalog") ? {} : { knowsUnread: true }
}

interface DiskRow {
  readonly id: number
  readonly mount_path: string
  readonly total_bytes: number
  readonly free_bytes: number
  readonly read_at: string
  readonly stale_since: string | null
}

/** They are read anew each time: their figures change without the library. */
const disksIn = (from: SqlClient.SqlClient): Effect.Effect<ReadonlyMap<string, DiskFigures>> =>
  from<DiskRow>`SELECT id, mount_path, total_bytes, free_bytes, read_at, stale_since FROM disk_groups`.pipe(
    Effect.map(
      (rows) =>
        new Map(
          rows.map((row) => [
            String(row.id),
            {
              mountPath: row.mount_path,
              totalBytes: row.total_bytes,
              freeBytes: row.free_bytes,
              readAt: row.read_at,
              staleSince: row.stale_since
            }
          ])
        )
    ),
    Effect.orDie
  )

interface Loaded {
  readonly revision: number
  readonly snapshot: Snapshot
}

/** After these attempts the library is loaded in a transaction, which blocks writers. */
const attemptsBesideWriters = 3

export const makeSnapshot = (
  items: ReadonlyArray<LibraryItem>,
  sourceStates: ReadonlyArray<SourceState> = []
): Snapshot => {
  const look = lookUps()
  look.add(items)
  return look.over(items, sourceStates)
}

const snapshotInTurns = Effect.fnUntraced(function* (
  items: ReadonlyArray<LibraryItem>,
  sourceStates: ReadonlyArray<SourceState>,
  mapped: boolean
) {
  const look = lookUps()
  for (let start = 0; start < items.length; start += itemsAtOnce) {
    look.add(items.slice(start, start + itemsAtOnce))
    yield* Effect.yieldNow
  }
  const bearers: Bearers = new Map()
  yield* forEachWithPauses(items, (item) => addBearer(bearers, item))
  bearersOf.set(items, bearers)
  const places = placesIn(items, new Map())
  // With path mappings, other lookups are derived from them.
  if (!mapped) yield* places.inTurns
  return look.over(items, sourceStates, places)
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 1000

const lookUps = () => {
  const byId = new Map<string, LibraryItem>()
  const byKey = new Map<string, LibraryItem>()
  const children = new Map<string, Array<LibraryItem>>()
  /** Seasons by their show and number, and the episodes: few libraries have any. */
  const seasons = new Map<string, LibraryItem>()
  const episodes: Array<LibraryItem> = []
  const seasonOf = ({ data, integrationId, parentExternalId }: LibraryItem): string =>
    `${itemKey(integrationId, parentExternalId ?? "")}|${data.catalog.seasonNumber ?? ""}`
  const collections = new Map<string, Array<LibraryItem>>()
  return {
    add: (items: ReadonlyArray<LibraryItem>): void => {
      for (const item of items) {
        byId.set(item.id, item)
        byKey.set(itemKey(item.integrationId, item.externalId), item)
        if (item.kind === "episode") episodes.push(item)
        else if (item.parentExternalId !== null) {
          pushTo(children, itemKey(item.integrationId, item.parentExternalId), item)
        }
        for (const collection of item.collections) pushTo(collections, collection, item)
      }
    },
    over: (
      items: ReadonlyArray<LibraryItem>,
      sourceStates: ReadonlyArray<SourceState>,
      places: Places = placesIn(items, new Map())
    ): Snapshot => {
      const wholes = new Map<string, LibraryItem>()
      if (episodes.length > 0) {
        for (const item of items) if (item.kind === "season") seasons.set(seasonOf(item), item)
        for (const episode of episodes) {
          const show = byKey.get(itemKey(episode.integrationId, episode.parentExternalId ?? ""))
          const whole = seasons.get(seasonOf(episode)) ?? show
          if (whole === undefined) continue
          wholes.set(episode.id, whole)
          pushTo(children, itemKey(whole.integrationId, whole.externalId), episode)
        }
      }
      return {
        items,
        revision: -1,
        sourceStates,
        byId,
        childrenOf: (item) => children.get(itemKey(item.integrationId, item.externalId)) ?? [],
        parentOf: (item) =>
          item.kind === "episode"
            ? wholes.get(item.id)
            : item.parentExternalId === null
              ? undefined
              : byKey.get(itemKey(item.integrationId, item.parentExternalId)),
        ...placesAndCopies(items, places),
        inCollection: (collection) => collections.get(collection) ?? [],
        collections: [...collections.keys()].sort((a, b) => (a < b ? -1 : 1))
      }
    }
  }
}

interface Placed {
  readonly items: ReadonlyArray<LibraryItem>
  readonly key: string
  readonly snapshot: Snapshot
}

const placeAnew = (snapshot: Snapshot, mappings: MappingsOf): Snapshot =>
  mappings.size === 0
    ? snapshot
    : { ...snapshot, ...placesAndCopies(snapshot.items, placesIn(snapshot.items, mappings)) }

const placesAndCopies = (items: ReadonlyArray<LibraryItem>, places: Places) => {
  const alike = copiesIn(items)
  return {
    sameFileAs: places.sameFileAs,
    folderSharedWith: places.folderSharedWith,
    copiesOf: (item: LibraryItem) => {
      const twins = places.sameFileAs(item)
      const found = alike(item)
      return twins.length === 0 ? found : found.filter((other) => !twins.includes(other))
    }
  }
}

/** By typed id. Most ids have one item: allocating a list for each would take longer than everything else. */
type Bearers = Map<string, LibraryItem | Array<LibraryItem>>

const bearersOf = new WeakMap<ReadonlyArray<LibraryItem>, Bearers>()

const addBearer = (bearers: Bearers, item: LibraryItem): void => {
  for (const id of item.ids) {
    const before = bearers.get(id)
    if (before === undefined) bearers.set(id, item)
    else if (Array.isArray(before)) before.push(item)
    else bearers.set(id, [before, item])
  }
}

/** Built with the snapshot in batches; built here in one go for a snapshot that was made synchronously. */
const bearersIn = (items: ReadonlyArray<LibraryItem>): Bearers => {
  const before = bearersOf.get(items)
  if (before !== undefined) return before
  const bearers: Bearers = new Map()
  for (const item of items) addBearer(bearers, item)
  bearersOf.set(items, bearers)
  return bearers
}

/** Looks up copies by typed ids. */
const copiesIn = (items: ReadonlyArray<LibraryItem>): Snapshot["copiesOf"] => {
  // Seasons and episodes have the ids of their show.
  const isAlike = (one: LibraryItem, other: LibraryItem) =>
    one.id !== other.id &&
    one.kind === other.kind &&
    (one.data.catalog.seasonNumber ?? null) === (other.data.catalog.seasonNumber ?? null) &&
    (one.kind !== "episode" || isSameNumber(one.data.catalog.episodeNumber, other.data.catalog.episodeNumber))
  return (item) => {
    const found = new Set<LibraryItem>()
    for (const id of item.ids) {
      const bearers = bearersIn(items).get(id)
      if (bearers === undefined) continue
      for (const other of Array.isArray(bearers) ? bearers : [bearers]) if (isAlike(item, other)) found.add(other)
    }
    return [...found]
  }
}

const isSameNumber = (one: number | null | undefined, other: number | null | undefined): boolean =>
  typeof one === "number" && one === other

/** A collection with its contents; of a show and its seasons, only one of the two. */
export interface CollectionSummary {
  readonly title: string
  readonly items: number
  readonly bytes: number
}

export const collectionsOf = (snapshot: Snapshot, { tally }: Counting): ReadonlyArray<CollectionSummary> =>
  snapshot.collections.map((title) => ({ title, ...tally(snapshot.inCollection(title)) }))

/** The size of items on their disks: a file that two applications manage counts once. */
export const bytesOf = ({ sameFileAs }: Pick<Snapshot, "sameFileAs">, items: Iterable<LibraryItem>): number => {
  const summed = new Set(items)
  let bytes = 0
  for (const item of summed) if (!countsElsewhere(sameFileAs, summed, item)) bytes += item.sizeBytes
  return bytes
}

const pushTo = (map: Map<string, Array<LibraryItem>>, key: string, item: LibraryItem) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [item])
  else list.push(item)
}
