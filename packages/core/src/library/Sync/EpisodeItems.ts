/**
 * The single episodes of the shows that an integration's options choose. They join the reading of its catalog as items of
 * their own, from the contents of their shows: those that are stored, or, of shows that have changed, those that are read.
 */
import { Array as Arr, Clock, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { IntegrationOptions } from "../../integrations/Integration.ts"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import { type CatalogItem, type Contents, type ContentsList, contentsLists } from "../../integrations/Observations.ts"
import { isoOfMillis, nowIso } from "../../problems/Instants.ts"
import type { Settings } from "../../settings/Settings.ts"
import { transacting } from "../../storage/Transactions.ts"
import { attemptList, refreshAfter } from "../Contents/Reading.ts"
import { type ContentsOutcome, type ReadContents, writeContents } from "../Contents/Store.ts"
import { storedContents } from "../Contents/Stored.ts"
import { LibrarySettings } from "../LibrarySettings.ts"
import type { Sources } from "../Sources.ts"
import { unsureItem } from "./CarryOver.ts"

/** Contents that were read for a show, which may not be stored yet. */
export interface ShowContents {
  readonly integrationId: string
  readonly externalId: string
  readonly sign: string
  readonly at: string
  readonly outcome: ContentsOutcome
}

export interface EpisodesAdded {
  readonly items: ReadonlyArray<CatalogItem>
  readonly read: ReadonlyArray<ShowContents>
}

type Choice = Pick<IntegrationOptions, "episodeItems" | "episodeTag">

/** Whether the episodes of some shows are items. */
export const breaksDown = ({ episodeItems, episodeTag }: Choice): boolean =>
  episodeItems !== "none" || episodeTag !== null

/** Whether the episodes of a show are items; `null` = the fact that decides it could not be read. */
const isChosen = ({ facts, untold = {} }: CatalogItem, { episodeItems, episodeTag }: Choice): boolean | null => {
  if (episodeItems === "all") return true
  const tag = episodeTag?.toLowerCase()
  if (tag !== undefined && facts.tags?.some((one) => one.toLowerCase() === tag) === true) return true
  if (episodeItems === "daily" && facts.seriesType === "daily") return true
  const unsure =
    (tag !== undefined && untold.tags !== undefined) || (episodeItems === "daily" && untold.seriesType !== undefined)
  return unsure ? null : false
}

export const makeEpisodeItems = ({
  settings,
  sources,
  sql
}: {
  readonly settings: Settings["Service"]
  readonly sources: Sources["Service"]
  readonly sql: SqlClient.SqlClient
}) => {
  const transact = transacting(sql)

  /** The external ids of the episodes of an integration that are in the library, and those of their shows. */
  const present = Effect.fnUntraced(function* (integrationId: string) {
    const rows = yield* sql<{ external_id: string; parent_external_id: string }>`SELECT external_id, parent_external_id
      FROM items WHERE integration_id = ${Number(integrationId)} AND kind = 'episode' AND gone_at IS NULL`
    return {
      shows: new Set(rows.map((row) => row.parent_external_id)),
      ids: new Set(rows.map((row) => row.external_id))
    }
  }, Effect.orDie)

  /** The episodes of these shows as they were last read, of which nothing is known for certain now. */
  const asBefore = Effect.fnUntraced(function* (
    integrationId: string,
    failures: ReadonlyMap<string, string>,
    known: ReadonlySet<string>
  ) {
    const episodes: Array<CatalogItem> = []
    const state = (yield* sources.states).find(
      (one) => one.integrationId === integrationId && one.observation === "catalog"
    )
    if (failures.size === 0 || known.size === 0 || state === undefined) return episodes
    yield* sources.eachPiece(integrationId, "catalog", state.generation, (entries) =>
      Effect.sync(() => {
        for (const entry of entries) {
          const why = entry.kind === "episode" ? failures.get(entry.parentExternalId ?? "") : undefined
          if (why !== undefined && known.has(entry.externalId)) episodes.push(unsureItem(entry, why))
        }
      })
    )
    return episodes
  })

  /** Adds the episodes to a reading of an integration's catalog. */
  const added = Effect.fn("EpisodeItems.added")(function* (
    live: LiveIntegration,
    catalog: ReadonlyArray<CatalogItem>
  ): Effect.fn.Return<EpisodesAdded, never> {
    const { id, options } = live.integration
    const itemsOf = live.connected.contents?.items
    if (itemsOf === undefined || !breaksDown(options)) return { items: catalog, read: [] }
    const at = yield* nowIso
    const { maxFactAgeHours } = yield* settings.get(LibrarySettings)
    const readSince = isoOfMillis((yield* Clock.currentTimeMillis) - maxFactAgeHours * refreshAfter * 3_600_000)
    const before = yield* present(id)
    const stored = storedContents(sql, id)
    const states = yield* stored.states
    const failures = new Map<string, string>()
    const episodes: Array<CatalogItem> = []
    const read: Array<ShowContents> = []
    const add = Effect.fnUntraced(function* (show: CatalogItem, contents: Contents) {
      const made = yield* Effect.result(itemsOf(show, contents, at))
      if (made._tag === "Failure") failures.set(show.externalId, made.failure.message)
      else for (const episode of made.success) episodes.push(episode)
    })
    const changed: Array<{ readonly show: CatalogItem; readonly sign: string }> = []
    for (const show of catalog) {
      if (show.kind !== "show" || !(isChosen(show, options) ?? before.shows.has(show.externalId))) continue
      const sign = show.contentsSign
      if (sign === undefined) {
        failures.set(show.externalId, "its show could not be read completely")
        continue
      }
      const state = states.get(show.externalId)
      if (state !== undefined && state.sign === sign && state.readAt >= readSince) {
        yield* add(show, yield* stored.contents(state.itemId))
      } else changed.push({ show, sign })
    }
    let isDown = false
    for (const batch of Arr.chunksOf(changed, readAtOnce)) {
      if (isDown) {
        for (const { show } of batch) failures.set(show.externalId, "the application did not answer")
        continue
      }
      const results = yield* Effect.forEach(batch, ({ show }) => readBoth(live, show), { concurrency: readAtOnce })
      isDown = results.every((result) => result.isDown)
      for (const [index, result] of results.entries()) {
        const { show, sign } = batch[index]!
        for (const outcome of result.outcomes)
          read.push({ integrationId: id, externalId: show.externalId, sign, at, outcome })
        if (result.contents === null) failures.set(show.externalId, result.detail ?? "its episodes could not be read")
        else yield* add(show, result.contents)
      }
    }
    const kept = yield* asBefore(id, failures, before.ids)
    return { items: [...catalog, ...episodes, ...kept], read }
  })

  /** Stores what was read, once its shows are in the library. */
  const store = Effect.fn("EpisodeItems.store")(function* (read: ReadonlyArray<ShowContents>) {
    for (const some of Arr.chunksOf(read, storedAtOnce)) {
      yield* transact(
        Effect.gen(function* () {
          const readings: Array<ReadContents> = []
          for (const { externalId, integrationId, ...reading } of some) {
            const [row] = yield* Effect.orDie(
              sql<{ id: number }>`SELECT id FROM items
                WHERE integration_id = ${Number(integrationId)} AND external_id = ${externalId}`
            )
            if (row !== undefined) readings.push({ whole: { id: String(row.id) }, ...reading })
          }
          yield* writeContents(sql, readings)
        })
      )
    }
  })

  return { added, store }
}

/** Both lists of a show, or why one of them could not be read. */
const readBoth = Effect.fnUntraced(function* (live: LiveIntegration, show: CatalogItem) {
  const { externalId, facts, kind, path, sizeBytes } = show
  const whole = { externalId, kind, path, sizeBytes, episodeCount: facts.episodeCount ?? 0 }
  const results = yield* Effect.forEach(contentsLists, (list) => attemptList(live, list, whole))
  const outcomes = results.map(({ outcome }) => outcome)
  const failed = results.find(({ outcome }) => outcome._tag === "Failed")
  const value = <L extends ContentsList>(list: L): Contents[L] | undefined => {
    const found = outcomes.find((one) => one._tag === "Read" && one.list === list)
    // Which list it is has just been checked.
    return found?._tag === "Read" ? (found.value as Contents[L]) : undefined
  }
  const [episodes, files] = [value("episodes"), value("files")]
  return {
    outcomes,
    isDown: results.some((one) => one.isDown),
    detail: failed?.outcome._tag === "Failed" ? failed.outcome.failure.detail : null,
    contents: episodes === undefined || files === undefined ? null : { episodes, files }
  }
})

/** Shows whose contents are read at a time; the client has limits of its own for each host. */
const readAtOnce = 4

/** Lists that are stored in one transaction. */
const storedAtOnce = 20
