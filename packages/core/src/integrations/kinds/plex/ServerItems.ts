/** The movie and show libraries of a Plex server as server items: its keys with typed ids, files and lasting ids. */
import { Effect } from "effect"
import type { EntryKeys, Progress } from "../../Kind.ts"
import type { EntryDetail, ServerItem, TypedId } from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { hasAll, kindsByKey } from "../Meant.ts"
import { identified, orGone } from "../OneItem.ts"
import { batchesOf } from "../Paging.ts"
import { distinctTexts, idOfProvider, isoOfSeconds, lastingIdOf, positiveOrNull, textOrNull } from "../Values.ts"
import type { MetadataItem, Section } from "./Container.ts"
import { withDetails } from "./Details.ts"
import { nameOfOwner } from "./Owner.ts"
import { ownPlaysOf } from "./OwnPlays.ts"
import { ratingsOf } from "./Ratings.ts"
import { batchSize, type ItemType, type PlexReads, type PlexServer } from "./PlexServer.ts"
import { labelsOf, readCollections, readLabels, type Tags } from "./Tags.ts"

type VideoKind = "movie" | "show" | "season"

export const readServerItems = Effect.fn("Plex.readServerItems")(function* (
  plex: PlexServer,
  progress: Progress,
  odd: OddRecords,
  wanted: ReadonlySet<EntryDetail> = new Set()
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const server = plex.reads(odd)
  const sections = yield* server.sections
  const owner = nameOfOwner(yield* server.accounts)
  const items: Array<ServerItem> = []
  for (const section of sections) {
    const types = typesOf[section.type ?? ""]
    if (types === undefined) continue
    const advance: Progress = (done) => progress(items.length + done, null)
    const lists: Array<{
      readonly kind: VideoKind
      readonly rows: ReadonlyArray<MetadataItem>
      readonly labels: Tags
    }> = []
    for (const [type, kind] of types) {
      const rows = yield* server.items(section.key, type, advance)
      lists.push({ kind, rows, labels: yield* readLabels(server, section.key, type, rows) })
    }
    const collections = yield* readCollections(
      server,
      section.key,
      lists.flatMap(({ rows }) => rows)
    )
    const shows = new Map<string, ReadonlyArray<TypedId>>()
    for (const { kind, labels, rows } of lists) {
      yield* forEachWithPauses(rows, (row) => {
        // The guids of a season identify seasons, not shows, so those of its show are used.
        const ids = kind === "season" ? (shows.get(row.parentRatingKey ?? "") ?? []) : idsOf(kind, row)
        if (kind === "show") shows.set(row.ratingKey, ids)
        items.push(itemOf(kind, row, ids, section, { collections, labels, odd, owner }))
      })
    }
  }
  yield* progress(items.length, items.length)
  return yield* withDetails(server, yield* withPaths(server, items), wanted)
})

/** Those of these entries that still exist. Requested by their keys, they contain all of their tags. */
export const rereadServerItems = Effect.fn("Plex.rereadServerItems")(function* (
  plex: PlexServer,
  integration: string,
  entries: ReadonlyArray<EntryKeys>,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  return yield* identified(
    integration,
    "GET library/metadata",
    odd,
    (own) =>
      Effect.gen(function* () {
        const server = plex.reads(own)
        const found = yield* Effect.forEach(wholesIn(entries), (whole) => foundOf(plex, server, whole))
        const rows = found.flat()
        if (rows.length === 0) return []
        const owner = nameOfOwner(yield* server.accounts)
        const labels = labelsOf(rows.map(({ row }) => row))
        const items: Array<ServerItem> = []
        for (const key of new Set(rows.map(({ section }) => section.key))) {
          const inSection = rows.filter(({ section }) => section.key === key)
          const listed = inSection.map(({ row }) => row)
          const about = { labels, collections: yield* readCollections(server, key, listed, "byKey"), odd: own, owner }
          for (const { ids, kind, row, section } of inSection) {
            items.push(asListed(itemOf(kind, row, ids, section, about)))
          }
        }
        return items
      }),
    hasAll(entries)
  )
})

/** Entries grouped by movie or show: its own key and those of its seasons. */
const wholesIn = (entries: ReadonlyArray<EntryKeys>): ReadonlyArray<ReadonlyArray<EntryKeys>> =>
  [...new Set(entries.map((entry) => entry.serverItemId))].map((key) =>
    entries.filter((entry) => entry.serverItemId === key)
  )

/** The current state of a movie, or of a show with these seasons. */
const foundOf = Effect.fnUntraced(function* (plex: PlexServer, server: PlexReads, whole: ReadonlyArray<EntryKeys>) {
  const kinds = kindsByKey(whole)
  const found = yield* orGone(server.entry([...kinds.keys()]), plex.probe)
  // A key that was reassigned is no longer the key of the entry.
  const rows = (found?.rows ?? []).filter(({ ratingKey, type }) => type === kinds.get(ratingKey))
  const show = rows.find(({ type }) => type === "show")
  return rows.map((row) => {
    const kind = kinds.get(row.ratingKey) ?? "movie"
    return {
      kind,
      row,
      ids: kind === "season" ? (show === undefined ? [] : idsOf("show", show)) : idsOf(kind, row),
      section: {
        key: row.librarySectionID ?? found?.section.librarySectionID ?? "",
        title: row.librarySectionTitle ?? found?.section.librarySectionTitle ?? null
      }
    }
  })
})

/** Lists do not contain the folders of shows, which are requested only if the ids cannot be read. */
const asListed = (item: ServerItem): ServerItem => {
  if (item.kind === "movie" || item.ids.length === 0) return item
  const { paths: _, ...listed } = item
  return listed
}

const typesOf: Readonly<Record<string, ReadonlyArray<readonly [ItemType, VideoKind]>>> = {
  movie: [[1, "movie"]],
  show: [
    [2, "show"],
    [3, "season"]
  ]
}

/** Typed ids from the guids of the new agents, and from the single guid of the old ones. */
export const idsOf = (kind: "movie" | "show", item: MetadataItem): ReadonlyArray<TypedId> => {
  const guids = [...(item.Guid ?? []).map((guid) => guid.id), item.guid]
  return [...new Set(guids.flatMap((guid) => idOfGuid(kind, guid ?? "")))]
}

const idOfGuid = (kind: "movie" | "show", guid: string): ReadonlyArray<TypedId> => {
  const [, agent = "", rest = ""] = /^(?:com\.plexapp\.agents\.)?([a-z]+):\/\/([^?]+)/.exec(guid) ?? []
  return idOfProvider(kind, providers[agent] ?? agent, rest.split("/")[0])
}

/** The old agents' names of providers. */
const providers: Readonly<Record<string, string>> = { themoviedb: "tmdb", thetvdb: "tvdb" }

interface About {
  readonly labels: Tags
  readonly collections: Tags
  readonly odd: OddRecords
  readonly owner: string | null
}

const itemOf = (
  kind: VideoKind,
  item: MetadataItem,
  ids: ReadonlyArray<TypedId>,
  section: typeof Section.Type,
  { collections, labels, odd, owner }: About
): ServerItem => {
  const title = item.title ?? ""
  const ownPlays = ownPlaysOf(kind, item, owner)
  const paths = pathsOf(item)
  const untold = {
    ...untoldOf(odd, item, title === "" ? `entry ${item.ratingKey}` : title, factsOfFields).untold,
    ...(labels.untold === null ? {} : { labels: labels.untold }),
    ...(collections.untold === null ? {} : { collections: collections.untold }),
    ...(textOrNull(section.title) === null ? { library: "the server does not report the title of the library" } : {})
  }
  return {
    serverItemId: item.ratingKey,
    kind,
    parentServerItemId: kind === "season" ? (item.parentRatingKey ?? null) : null,
    ids,
    title,
    year: positiveOrNull(item.year),
    seasonNumber: kind === "season" ? (item.index ?? null) : null,
    library: section.title ?? section.key,
    guid: lastingIdOf(item.guid),
    ...(paths.length === 0 ? {} : { paths }),
    addedAt: isoOfSeconds(item.addedAt),
    ...(kind === "season" ? {} : { ratings: ratingsOf(item), studios: distinctTexts([item.studio]) }),
    labels: labels.of(item),
    collections: collections.of(item),
    // A watchlist belongs to a plex.tv account; the server itself does not know it.
    onWatchlist: null,
    ...(ownPlays === null ? {} : { ownPlays }),
    ...(Object.keys(untold).length === 0 ? {} : { untold })
  }
}

/** Facts that depend on a field of an entry. Its tags are read from separate lists. */
const factsOfFields = {
  addedAt: ["addedAt"],
  studio: ["studios"],
  rating: ["ratingCritics"],
  audienceRating: ["ratingAudience", "ratingRottenTomatoesAudience"],
  userRating: ["userRating"],
  viewCount: ["plays"],
  viewOffset: ["plays"],
  viewedLeafCount: ["plays"],
  lastViewedAt: ["plays"]
} as const

const pathsOf = ({ Location, Media }: MetadataItem): ReadonlyArray<string> =>
  distinctTexts([
    ...(Media ?? []).flatMap(({ Part }) => (Part ?? []).map(({ file }) => file)),
    ...(Location ?? []).map(({ path }) => path)
  ])

/**
 * If the ids of an entry cannot be read, its files identify the item. A list contains the files of movies, but not the
 * folders of shows: these are requested by their keys, many at once.
 */
const withPaths = Effect.fnUntraced(function* (
  server: PlexReads,
  items: ReadonlyArray<ServerItem>
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const unread = items.filter(({ ids, kind, paths }) => kind !== "season" && ids.length === 0 && paths === undefined)
  if (unread.length === 0) return items
  const paths = new Map<string, ReadonlyArray<string>>()
  const allKeys = unread.map((item) => item.serverItemId)
  for (const keys of batchesOf(allKeys, batchSize)) {
    // All of them may have been deleted by now, which must not make the others unknown.
    const entries = yield* Effect.catchTag(server.entries(keys), "UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed([]) : Effect.fail(error)
    )
    for (const entry of entries) paths.set(entry.ratingKey, pathsOf(entry))
  }
  return items.map((item) => {
    const found = item.kind === "season" ? undefined : paths.get(item.serverItemId)
    return found === undefined || found.length === 0 ? item : { ...item, paths: found }
  })
})
