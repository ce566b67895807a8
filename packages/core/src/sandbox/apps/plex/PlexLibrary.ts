/** The libraries of the simulated Plex: lists of entries with their filters, collections, and the editing of labels. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import type { ServerState } from "../../world/WorldModel.ts"
import { type VideoLibrary, videoLibraries } from "../Libraries.ts"
import { queryInt } from "../Reply.ts"
import { type AppContext, type Call, route, type Route } from "../SandboxApp.ts"
import { derivation, listedAnswer, type OwnerViews } from "./PlexAnswers.ts"
import {
  addedAt,
  collectionKey,
  entryOf,
  episodeKey,
  episodes,
  guidOf,
  labelKey,
  movieKey,
  type PlexEntry,
  sectionKey,
  stateOf,
  workOf
} from "./PlexKeys.ts"
import { container, containerPage, plexNotFound } from "./PlexReplies.ts"

export const plexLibraryRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const derive = derivation(context)
  const libraryOf = (section: string | undefined): VideoLibrary | undefined =>
    videoLibraries(world).find((library) => sectionKey(library) === section)
  const moviesIn = ({ index, type }: VideoLibrary) =>
    type === "movie" ? [...(world.movieShelves[index]?.onServer.values() ?? [])] : []
  const showsIn = ({ index, type }: VideoLibrary) =>
    type === "show" ? [...(world.showShelves[index]?.onServer.values() ?? [])] : []
  const entries = (library: VideoLibrary, type: number): ReadonlyArray<PlexEntry> => {
    if (library.type === "movie") return moviesIn(library).map((movie) => ({ type: "movie", movie }))
    const shows = showsIn(library)
    if (type === 2) return shows.map((show) => ({ type: "show", show }))
    const seasons = shows.flatMap((show) => show.seasons).filter((season) => season.files !== 0)
    return type === 3 ? seasons.map((season) => ({ type: "season", season })) : seasons.flatMap(episodes)
  }
  const head = (library: VideoLibrary) => ({
    allowSync: false,
    identifier: "com.plexapp.plugins.library",
    librarySectionID: Number(sectionKey(library)),
    librarySectionTitle: library.title
  })
  const states = (library: VideoLibrary): ReadonlyArray<ServerState> =>
    [...moviesIn(library), ...showsIn(library)].map((record) => record.server)
  const collections = (library: VideoLibrary) => {
    const counts = new Map<string, number>()
    for (const state of states(library))
      for (const title of state.collections) counts.set(title, (counts.get(title) ?? 0) + 1)
    return [...counts].map(([title, childCount]) => ({ title, childCount }))
  }
  const collectionPage = (call: Call, library: VideoLibrary) =>
    containerPage(call, head(library), "Metadata", collections(library), ({ title, childCount }) => {
      const key = collectionKey(sectionKey(library), title)
      return {
        ratingKey: String(key),
        key: `/library/collections/${key}/children`,
        guid: `collection://${key}`,
        type: "collection",
        title,
        subtype: library.type,
        summary: "",
        smart: false,
        childCount,
        addedAt: world.epoch(world.startedAt),
        updatedAt: world.epoch(world.startedAt)
      }
    })
  const members = (call: Call) => {
    const key = Number(call.params["id"])
    for (const library of videoLibraries(world)) {
      const section = sectionKey(library)
      const title = collections(library).find((each) => collectionKey(section, each.title) === key)?.title
      if (title === undefined) continue
      const rows = entries(library, library.type === "movie" ? 1 : 2).filter((entry) =>
        stateOf(entry).collections.has(title)
      )
      return containerPage(call, head(library), "Metadata", rows, (row) =>
        listedAnswer(world, derive().views, row, false)
      )
    }
    return plexNotFound()
  }

  return [
    route("GET", "/library/sections", (call) =>
      container(call, {
        size: videoLibraries(world).length,
        allowSync: false,
        title1: "Plex Library",
        Directory: sections(context)
      })
    ),
    route("GET", "/library/all", (call) => {
      const type = queryInt(call.query, "type", 1)
      const wanted = call.query.get("guid")
      const filter = entryFilter(world, derive().views, call.query)
      const rows = videoLibraries(world)
        .filter((library) => (library.type === "movie") === (type === 1))
        .flatMap((library) => entries(library, type))
        .filter((entry) => filter(entry) && (wanted === null || guidOf(entry) === wanted))
      const guids = call.query.get("includeGuids") === "1"
      const { views } = derive()
      return containerPage(call, { identifier: "com.plexapp.plugins.library" }, "Metadata", rows, (entry) =>
        listedAnswer(world, views, entry, guids)
      )
    }),
    route("GET", "/library/sections/:key/all", (call) => {
      const library = libraryOf(call.params["key"])
      if (library === undefined) return plexNotFound()
      const type = queryInt(call.query, "type", library.type === "movie" ? 1 : 2)
      if (type === 18) return collectionPage(call, library)
      const memo = derive()
      const rows = memo.list(`${sectionKey(library)}/${type}/${listKey(call.query)}`, () =>
        sorted(entries(library, type).filter(entryFilter(world, memo.views, call.query)), call.query.get("sort"), world)
      )
      const guids = call.query.get("includeGuids") === "1"
      return containerPage(call, head(library), "Metadata", rows, (entry) =>
        listedAnswer(world, memo.views, entry, guids)
      )
    }),
    route("PUT", "/library/sections/:key/all", (call) => {
      if (libraryOf(call.params["key"]) === undefined) return plexNotFound()
      const ids = (call.query.get("id") ?? "").split(",").map(Number)
      const found = ids.flatMap((id) => entryOf(world, id) ?? [])
      if (found.length === 0) return plexNotFound()
      for (const entry of found) {
        editTags(stateOf(entry).labels, "label", call.query)
        editTags(stateOf(entry).collections, "collection", call.query)
      }
      world.revision++
      return new Response(null, { status: 200, headers: { "content-type": "text/html" } })
    }),
    route("GET", "/library/sections/:key/collections", (call) => {
      const library = libraryOf(call.params["key"])
      return library === undefined ? plexNotFound() : collectionPage(call, library)
    }),
    route("GET", "/library/collections/:id/children", members),
    route("GET", "/library/collections/:id/items", members),
    route("GET", "/library/sections/:key/label", (call) => {
      const library = libraryOf(call.params["key"])
      if (library === undefined) return plexNotFound()
      const type = queryInt(call.query, "type", library.type === "movie" ? 1 : 2)
      const labels = bearsLabels(type) ? new Set(states(library).flatMap((state) => [...state.labels])) : []
      return containerPage(call, head(library), "Directory", [...labels].sort(), (title) => ({
        fastKey: `/library/sections/${sectionKey(library)}/all?label=${labelKey(title)}`,
        key: String(labelKey(title)),
        title
      }))
    }),
    // Changes of the world are visible immediately, so a scan finds nothing new.
    ...["GET", "POST"].map((method) =>
      route(method, "/library/sections/:key/refresh", (call) =>
        libraryOf(call.params["key"]) === undefined ? plexNotFound() : new Response(null, { status: 200 })
      )
    )
  ]
}

const agents = {
  movie: { agent: "tv.plex.agents.movie", scanner: "Plex Movie" },
  show: { agent: "tv.plex.agents.series", scanner: "Plex TV Series" }
} as const

const sections = ({ world }: AppContext) =>
  videoLibraries(world)
    .map((library) => ({ ...library, key: sectionKey(library), ...agents[library.type] }))
    .map(({ agent, key, root, scanner, title, type }) => ({
      allowSync: true,
      art: `/:/resources/${type}-fanart.jpg`,
      composite: `/library/sections/${key}/composite/1700000000`,
      filters: true,
      refreshing: false,
      thumb: `/:/resources/${type}.png`,
      key,
      type,
      title,
      agent,
      scanner,
      language: "en-US",
      uuid: `00000000-0000-4000-8000-${key.padStart(12, "0")}`,
      updatedAt: world.epoch(world.startedAt),
      createdAt: world.epoch(world.startedAt - 5 * 365 * 86_400_000),
      scannedAt: world.epoch(world.now()),
      content: true,
      directory: true,
      contentChangedAt: 1_000_000 + world.revision,
      hidden: 0,
      Location: [{ id: Number(key), path: root }]
    }))

/** `label[0].tag.tag=A` sets the tags; `label[].tag.tag-=A,B` removes some. */
const editTags = (tags: Set<string>, field: string, query: URLSearchParams): void => {
  const listed = [...query]
    .filter(([key]) => new RegExp(`^${field}\\[\\d+\\]\\.tag\\.tag$`).test(key))
    .map(([, value]) => value)
  if (listed.length > 0) {
    tags.clear()
    for (const tag of listed) tags.add(tag)
  }
  for (const gone of query.getAll(`${field}[].tag.tag-`).flatMap((value) => value.split(",")))
    tags.delete(decodeURIComponent(gone))
}

/** The part of a query that determines the entries of a list and their order. */
const listKey = (query: URLSearchParams): string =>
  [...query]
    .filter(([key]) => !/^(X-Plex-|includeGuids$|type$)/i.test(key))
    .map(([key, value]) => `${key}=${value}`)
    .join("&")

const entryFilter = (world: SandboxWorld, views: OwnerViews, query: URLSearchParams) => {
  const label = query.get("label")
  const collection = query.get("collection")
  const year = query.get("year")
  const title = query.get("title")?.toLowerCase()
  const after = query.get("addedAt>>") ?? query.get("addedAt>")
  const unwatched = query.get("unwatched") === "1"
  return (entry: PlexEntry): boolean => {
    const work = workOf(entry)
    return (
      (label === null || hasLabel(entry, label)) &&
      (collection === null || stateOf(entry).collections.has(collection)) &&
      (year === null || work.year === Number(year)) &&
      (title === undefined || work.title.toLowerCase().includes(title)) &&
      (after === null || world.epoch(addedAt(entry)) > Number(after)) &&
      (!unwatched || !isWatched(views, entry))
    )
  }
}

/** Labels belong to movies and to shows as a whole. They are matched by number or by title. */
const hasLabel = (entry: PlexEntry, label: string): boolean =>
  (entry.type === "movie" || entry.type === "show") &&
  [...stateOf(entry).labels].some((title) => title === label || String(labelKey(title)) === label)
const bearsLabels = (type: number): boolean => type === 1 || type === 2

const isWatched = (views: OwnerViews, entry: PlexEntry): boolean => {
  const watched = (key: number) => (views.get(key)?.count ?? 0) > 0
  if (entry.type === "movie") return watched(movieKey(entry.movie))
  if (entry.type === "episode") return watched(episodeKey(entry.season, entry.episode))
  const seasons = entry.type === "show" ? entry.show.seasons : [entry.season]
  return seasons.flatMap(episodes).every((each) => isWatched(views, each))
}

const sorted = (rows: ReadonlyArray<PlexEntry>, sort: string | null, world: SandboxWorld): ReadonlyArray<PlexEntry> => {
  if (sort === null) return rows
  const [field, direction] = sort.split(":")
  if (field !== "addedAt") return direction === "desc" ? rows.toReversed() : rows
  const sign = direction === "desc" ? -1 : 1
  return rows.toSorted((one, other) => sign * (world.epoch(addedAt(one)) - world.epoch(addedAt(other))))
}
