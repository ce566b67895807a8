/**
 * The movies and shows of a Plex server with their files, for entries that no manager knows. They are identified by
 * Plex's lasting ids, since a server gives new keys to entries that it adds again.
 */
import { Effect } from "effect"
import type { Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogItem } from "../../Observations.ts"
import { OddRecords } from "../../OddRecords.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { identified } from "../OneItem.ts"
import { batchesOf } from "../Paging.ts"
import { movieItem, numbered, seasonIn, type ServerFile, type ServerSeason, showItems } from "../ServerVideos.ts"
import { distinctTexts, isoOfSeconds, lastingIdOf, positiveOrNull, textOrNull } from "../Values.ts"
import type { MetadataItem, Section } from "./Container.ts"
import { batchSize, type ItemType, type PlexReads, type PlexServer } from "./PlexServer.ts"
import { idsOf } from "./ServerItems.ts"

export const readCatalog = Effect.fn("Plex.readCatalog")(function* (
  plex: PlexServer,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const server = plex.reads(odd)
  const movies: Array<Listed> = []
  const shows: Array<ListedShow> = []
  for (const section of yield* server.sections) {
    const advance: Progress = (done) => progress(movies.length + shows.length + done, null)
    const roots = rootsOf(section)
    if (section.type === "movie") {
      for (const row of yield* server.items(section.key, 1, advance)) movies.push({ row, roots })
    }
    if (section.type !== "show") continue
    const rows = yield* server.items(section.key, 2, advance)
    const seasonsOf = byParent(yield* server.items(section.key, 3, advance))
    const episodesOf = byParent(yield* server.items(section.key, 4, advance))
    const folders = yield* foldersOf(server, rows)
    for (const row of rows) {
      const seasons = seasonsOf.get(row.ratingKey) ?? []
      const episodes = seasons.flatMap(({ ratingKey }) => episodesOf.get(ratingKey) ?? [])
      shows.push({ row, roots, folders: folders.get(row.ratingKey) ?? [], seasons, episodes })
    }
  }
  return [
    ...identify(movies, ({ row }) => filesOf(row).map(({ path }) => path)).flatMap(([id, movie]) => asMovie(id, movie)),
    ...identify(shows, ({ folders }) => folders).flatMap(([id, show]) => asShow(id, show))
  ]
})

/** The movie, or the show with its seasons; empty if the server no longer has it. */
export const rereadCatalog = Effect.fn("Plex.rereadCatalog")(function* (
  plex: PlexServer,
  integration: string,
  { externalId, kind }: Pick<RemovalTarget, "externalId" | "kind">,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const whole = seasonIn(externalId)?.show ?? externalId
  return yield* identified(integration, "GET library/all", odd, (own) =>
    Effect.gen(function* () {
      const server = plex.reads(own)
      const row = yield* entryOf(plex, server, integration, whole, kind === "movie" ? 1 : 2)
      if (row === null) return []
      const roots = (yield* server.sections).flatMap(rootsOf)
      if (kind === "movie") return asMovie(whole, { row, roots })
      const seasons = yield* server.seasonsOf(row.ratingKey)
      const episodes = yield* server.episodesOf(row.ratingKey)
      const folders = yield* foldersOf(server, [row])
      return asShow(whole, { row, roots, folders: folders.get(row.ratingKey) ?? [], seasons, episodes })
    })
  )
})

/** The current key of an item; `null` if the server no longer has it. */
export const keyOf = Effect.fn("Plex.keyOf")(function* (
  plex: PlexServer,
  integration: string,
  { externalId, kind }: Pick<RemovalTarget, "externalId" | "kind">
): Effect.fn.Return<string | null, UpstreamError> {
  return yield* identified(integration, "GET library/all", new OddRecords(), (own) =>
    Effect.gen(function* () {
      const server = plex.reads(own)
      const season = seasonIn(externalId)
      const whole = yield* entryOf(plex, server, integration, season?.show ?? externalId, kind === "movie" ? 1 : 2)
      if (whole === null || season === null) return whole?.ratingKey ?? null
      const listed = numbered(yield* server.seasonsOf(whole.ratingKey), ({ index }) => index)
      return listed.find(([number]) => number === season.number)?.[1].ratingKey ?? null
    })
  )
})

interface Listed {
  readonly row: MetadataItem
  readonly roots: ReadonlyArray<string>
}

interface ListedShow extends Listed {
  readonly folders: ReadonlyArray<string>
  readonly seasons: ReadonlyArray<MetadataItem>
  readonly episodes: ReadonlyArray<MetadataItem>
}

const lasting = "plex://"
const byKey = "key/"

/**
 * Entries by their ids: the lasting id without its scheme, and the key if several entries have it (`…@12`) or if there
 * is none (`key/12`). Of entries with the same files, which are in two libraries, only the first is used.
 */
const identify = <A extends Listed>(
  entries: ReadonlyArray<A>,
  placesOf: (entry: A) => ReadonlyArray<string>
): ReadonlyArray<readonly [string, A]> => {
  const known = new Set<string>()
  const distinct = [...entries].sort(byAge).filter((entry) => {
    const places = JSON.stringify([...placesOf(entry)].sort())
    // Without a file it cannot be known whose it is.
    if (places === "[]" || known.has(places)) return false
    known.add(places)
    return true
  })
  const bearers = new Map<string, number>()
  for (const { row } of entries) {
    const guid = lastingIdOf(row.guid)
    if (guid !== null) bearers.set(guid, (bearers.get(guid) ?? 0) + 1)
  }
  return distinct.map((entry) => {
    const guid = lastingIdOf(entry.row.guid)
    if (guid === null) return [`${byKey}${entry.row.ratingKey}`, entry]
    const id = guid.slice(lasting.length)
    return [bearers.get(guid) === 1 ? id : `${id}@${entry.row.ratingKey}`, entry]
  })
}

const byAge = (one: Listed, other: Listed): number => Number(one.row.ratingKey) - Number(other.row.ratingKey)

/**
 * Fails if several entries have the id that a single one had: which of them is meant cannot be known. That there is none
 * must be the answer of the server itself, twice.
 */
const entryOf = Effect.fnUntraced(function* (
  plex: PlexServer,
  server: PlexReads,
  integration: string,
  id: string,
  type: ItemType
): Effect.fn.Return<MetadataItem | null, UpstreamError> {
  const look = rowsOf(server, id, type)
  let rows = yield* look
  if (rows.length === 0) {
    yield* plex.probe
    rows = yield* look
  }
  const [row, second] = rows
  if (second === undefined) return row ?? null
  return yield* new UpstreamMalformed({
    integration,
    call: "GET library/all",
    detail: `the server has several entries of "${row?.title ?? id}" with this id; a sync tells them apart`
  })
})

const rowsOf = (
  server: PlexReads,
  id: string,
  type: ItemType
): Effect.Effect<ReadonlyArray<MetadataItem>, UpstreamError> => {
  if (id.startsWith(byKey)) {
    const key = id.slice(byKey.length)
    return server.entry([key]).pipe(
      Effect.map(({ rows }) => rows.filter((row) => row.ratingKey === key && row.type === typeNames[type])),
      Effect.catchTag("UpstreamRefused", (error) => (error.status === 404 ? Effect.succeed([]) : Effect.fail(error)))
    )
  }
  const [name = "", key] = id.split("@")
  const guid = `${lasting}${name}`
  return Effect.map(server.withGuid(guid, type), (rows) =>
    rows.filter((row) => row.guid === guid && (key === undefined || row.ratingKey === key))
  )
}

const typeNames: Readonly<Record<ItemType, string>> = { 1: "movie", 2: "show", 3: "season", 4: "episode" }

const asMovie = (externalId: string, { roots, row }: Listed): ReadonlyArray<CatalogItem> => [
  movieItem({
    ...about(row),
    externalId,
    ids: idsOf("movie", row),
    rootFolders: roots,
    files: filesOf(row),
    folder: null
  })
]

const asShow = (externalId: string, { episodes, folders, roots, row, seasons }: ListedShow) => {
  const partsOf = byParent(episodes)
  return showItems({
    ...about(row),
    externalId,
    ids: idsOf("show", row),
    rootFolders: roots,
    folders,
    files: episodes.flatMap(filesOf),
    seasons: numbered(seasons, ({ index }) => index).map(([number, season]): ServerSeason => ({
      number,
      addedAt: isoOfSeconds(season.addedAt),
      files: (partsOf.get(season.ratingKey) ?? []).flatMap(filesOf)
    }))
  })
}

const about = (row: MetadataItem) => ({
  title: row.title ?? "",
  year: positiveOrNull(row.year),
  addedAt: isoOfSeconds(row.addedAt),
  runtimeMinutes: row.duration == null ? null : Math.round(row.duration / 60_000)
})

const filesOf = ({ Media }: MetadataItem): ReadonlyArray<ServerFile> =>
  (Media ?? []).flatMap(({ Part }) =>
    (Part ?? []).flatMap(({ file, size }) => {
      const path = textOrNull(file)
      return path === null ? [] : [{ path, sizeBytes: positiveOrNull(size) }]
    })
  )

/** Lists do not contain the folders of shows: these are requested by their keys, many at once. */
const foldersOf = Effect.fnUntraced(function* (server: PlexReads, rows: ReadonlyArray<MetadataItem>) {
  const folders = new Map<string, ReadonlyArray<string>>()
  for (const some of batchesOf(
    rows.map(({ ratingKey }) => ratingKey),
    batchSize
  )) {
    for (const { Location, ratingKey } of yield* server.entries(some)) {
      folders.set(ratingKey, distinctTexts((Location ?? []).map(({ path }) => path)))
    }
  }
  return folders
})

const rootsOf = ({ Location }: typeof Section.Type) => distinctTexts((Location ?? []).map(({ path }) => path))

const byParent = (rows: ReadonlyArray<MetadataItem>): ReadonlyMap<string, ReadonlyArray<MetadataItem>> => {
  const parts = new Map<string, Array<MetadataItem>>()
  for (const row of rows) {
    const parent = row.parentRatingKey ?? ""
    const before = parts.get(parent)
    if (before === undefined) parts.set(parent, [row])
    else before.push(row)
  }
  return parts
}
