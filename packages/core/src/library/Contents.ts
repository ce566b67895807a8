/**
 * The contents of wholes: the episodes of shows, and the files of shows, artists and authors. Applications answer them
 * for one whole at a time, so they are read only if a decision needs them, and again only of wholes that have changed. A
 * whole whose reading fails is unknown on its own.
 */
import { Array as Arr, Clock, Context, Effect, Layer, Ref, Schema, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import { type ContentsList, contentsLists, type EntryDetail } from "../integrations/Observations.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { isoOfMillis, nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { Checkpoints } from "../storage/Checkpoints.ts"
import { repeatable } from "../storage/Durability.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { attemptList, readList, refreshAfter, type WholeToRead } from "./Contents/Reading.ts"
import { type ReadContents, writeContents } from "./Contents/Store.ts"
import type { FactName } from "./Facts.ts"
import { entryOf } from "./Families.ts"
import type { LibraryItem } from "./Item.ts"
import { contentsOf, entryDetailsOf } from "./ItemFacts.ts"
import { LibrarySettings } from "./LibrarySettings.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"

/** What a sync has read of the contents of one integration's wholes. */
export const ContentsRead = Schema.Struct({
  integrationId: Schema.String,
  name: Schema.String,
  list: Schema.Literals(contentsLists),
  /** Number of wholes whose list was read. */
  read: Schema.Int,
  failed: Schema.Int,
  /** Number of wholes that were left out because the application did not answer. */
  left: Schema.Int,
  calls: Schema.Int,
  /** The first failure. */
  detail: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ContentsRead" })
export type ContentsRead = typeof ContentsRead.Type

export interface ContentsOptions {
  readonly integrationIds?: ReadonlyArray<string>
  readonly progress?: (done: number, total: number | null, message: string) => Effect.Effect<void>
}

export class Contents extends Context.Service<
  Contents,
  {
    /** Registers the facts that decisions read at present. */
    readonly onNeeded: (facts: Effect.Effect<Iterable<FactName>>) => Effect.Effect<void>
    /** The lists that the registered facts are in. */
    readonly needed: Effect.Effect<ReadonlySet<ContentsList>>
    /** What the registered facts need of media servers. */
    readonly neededOfEntries: Effect.Effect<ReadonlySet<EntryDetail>>
    /** Reads the needed lists of all wholes that have changed, or that were read long ago. */
    readonly readNeeded: (options?: ContentsOptions) => Effect.Effect<ReadonlyArray<ContentsRead>>
    /**
     * Reads lists of these items, for somebody who waits: only as many as take a few seconds, and none of which an
     * attempt has just failed. Does nothing within a transaction.
     */
    readonly readFor: (
      lists: ReadonlySet<ContentsList>,
      items: (snapshot: Snapshot) => Iterable<LibraryItem>
    ) => Effect.Effect<void>
    /** Reads the needed lists of a whole again, whatever is stored. Nothing is stored of a list that cannot be read. */
    readonly reread: (whole: LibraryItem) => Effect.Effect<void, UpstreamError>
  }
>()("tendarr/library/Contents") {
  static readonly layer = Layer.effect(
    Contents,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const integrations = yield* Integrations
      const snapshots = yield* Snapshots
      const settings = yield* Settings
      const { withDeferredCheckpoint } = yield* Checkpoints
      const needs = yield* Ref.make<ReadonlyArray<Effect.Effect<Iterable<FactName>>>>([])
      const all = yield* Semaphore.make(1)
      const waitedFor = yield* Semaphore.make(1)

      const neededFacts = Effect.gen(function* () {
        const named = yield* Effect.forEach(yield* Ref.get(needs), (facts) => facts)
        return named.flatMap((facts) => [...facts])
      })
      const needed = Effect.map(neededFacts, contentsOf)

      /** The wholes of an integration whose list is to be read, those that have waited longest first. */
      const dueIn = Effect.fnUntraced(function* (
        { connected, integration: { id } }: LiveIntegration,
        list: ContentsList,
        snapshot: Snapshot,
        items: Iterable<LibraryItem>,
        retryBefore: string
      ) {
        const context = yield* snapshots.contextOf(snapshot)
        if (connected.contents?.[list] === undefined || context.catalog(id)._tag !== "Fresh") return []
        const now = yield* Clock.currentTimeMillis
        const { maxFactAgeHours } = yield* settings.get(LibrarySettings)
        const readSince = isoOfMillis(now - maxFactAgeHours * refreshAfter * 3_600_000)
        const due: Array<Due> = []
        for (const whole of items) {
          const sign = whole.data.contentsSign
          if (whole.integrationId !== id || sign === undefined) continue
          const state = whole.contents?.[list]
          const isDue =
            state === undefined || state.failure !== null
              ? state === undefined || state.attemptedAt < retryBefore
              : state.sign !== sign || state.readAt === null || state.readAt < readSince
          if (isDue) due.push({ whole, sign })
        }
        return due.sort((one, other) => (attemptOf(one, list) < attemptOf(other, list) ? -1 : 1))
      })

      const readOne = Effect.fnUntraced(function* (live: LiveIntegration, list: ContentsList, { sign, whole }: Due) {
        const at = yield* nowIso
        const { isDown, outcome } = yield* attemptList(live, list, asRead(whole))
        return { isDown, reading: { whole, sign, at, outcome } satisfies ReadContents }
      })

      /** Reads them in batches, each stored in a transaction, and stops if the application no longer answers. */
      const readAll = Effect.fnUntraced(function* (
        live: LiveIntegration,
        list: ContentsList,
        due: ReadonlyArray<Due>,
        report: (done: number) => Effect.Effect<void>
      ) {
        const before = yield* live.calls
        let done = 0
        let failed = 0
        let detail: string | null = null
        for (const batch of Arr.chunksOf(due, batchSize)) {
          const results = yield* Effect.forEach(batch, (one) => readOne(live, list, one), { concurrency: readAtOnce })
          const readings = results.map(({ reading }) => reading)
          yield* transact(writeContents(sql, readings))
          for (const { outcome } of readings) {
            if (outcome._tag === "Read") continue
            failed++
            detail ??= outcome.failure.detail
          }
          done += batch.length
          yield* report(done)
          if (results.every(({ isDown }) => isDown)) break
        }
        const { id, name } = live.integration
        const calls = (yield* live.calls) - before
        return {
          integrationId: id,
          name,
          list,
          read: done - failed,
          failed,
          left: due.length - done,
          calls,
          detail
        } satisfies ContentsRead
      })

      const readNeeded = Effect.fn("Contents.readNeeded")(
        function* ({ integrationIds, progress = () => Effect.void }: ContentsOptions = {}) {
          const lists = yield* needed
          if (lists.size === 0) return []
          const snapshot = yield* snapshots.get
          const now = yield* nowIso
          const wanted = (yield* integrations.live).filter(
            ({ integration: { id } }) => integrationIds === undefined || integrationIds.includes(id)
          )
          const reports: Array<ContentsRead> = []
          for (const live of wanted) {
            for (const list of lists) {
              const due = yield* dueIn(live, list, snapshot, snapshot.items, now)
              if (due.length === 0) continue
              const message = `${live.integration.name}: ${list}`
              yield* progress(0, due.length, message)
              reports.push(yield* readAll(live, list, due, (done) => progress(done, due.length, message)))
            }
          }
          return reports
        },
        withDeferredCheckpoint,
        all.withPermits(1)
      )

      const readFor: Contents["Service"]["readFor"] = Effect.fn("Contents.readFor")(function* (lists, items) {
        if (lists.size === 0 || (yield* inTransaction(sql))) return
        yield* Effect.gen(function* () {
          const snapshot = yield* snapshots.get
          const retryBefore = isoOfMillis((yield* Clock.currentTimeMillis) - retryAfterMillis)
          const wholes = new Set(Array.from(items(snapshot), (item) => entryOf(snapshot, item) ?? item))
          let left = mostWaitedFor
          for (const live of yield* integrations.live) {
            for (const list of lists) {
              const due = (yield* dueIn(live, list, snapshot, wholes, retryBefore)).slice(0, left)
              left -= due.length
              if (due.length > 0) yield* readAll(live, list, due, () => Effect.void)
            }
          }
        }).pipe(repeatable, waitedFor.withPermits(1), Effect.timeoutOption(waitMillis))
      })

      const reread = Effect.fn("Contents.reread")(function* (whole: LibraryItem) {
        const sign = whole.data.contentsSign
        const live = yield* integrations.connect(whole.integrationId)
        if (sign === undefined || live === undefined) return
        const at = yield* nowIso
        const lists = [...(yield* needed)].filter((list) => live.connected.contents?.[list] !== undefined)
        const outcomes = yield* Effect.forEach(lists, (list) => readList(live, list, asRead(whole)))
        if (outcomes.length === 0) return
        yield* transact(
          writeContents(
            sql,
            outcomes.map((outcome) => ({ whole, sign, at, outcome }))
          )
        )
      })

      return Contents.of({
        onNeeded: (facts) => Ref.update(needs, (before) => [...before, facts]),
        needed,
        neededOfEntries: Effect.map(neededFacts, entryDetailsOf),
        readNeeded,
        readFor,
        reread
      })
    })
  )
}

interface Due {
  readonly whole: LibraryItem
  readonly sign: string
}

const asRead = ({ data, externalId, kind, path, sizeBytes }: LibraryItem): WholeToRead => ({
  externalId,
  kind,
  path,
  sizeBytes,
  episodeCount: data.catalog.episodeCount ?? 0
})

/** A list that was not read yet comes first. */
const attemptOf = ({ whole }: Due, list: ContentsList): string => whole.contents?.[list]?.attemptedAt ?? ""

/** Wholes whose lists are stored in one transaction. */
const batchSize = 20

/** Calls to one application at a time; the client has limits of its own for each host. */
const readAtOnce = 4

/** Wholes that are read for somebody who waits. */
const mostWaitedFor = 100
const waitMillis = 20_000

/** How long an attempt that failed is not repeated for somebody who waits. */
const retryAfterMillis = 60_000
