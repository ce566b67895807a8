/** The libraries of the simulated Plex: lists of entries with their filters, collections, and the editing of labels. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { movieRoot, showRoot } from "../../world/Generate.ts"
import type { ServerState } from "../../world/WorldModel.ts"
import { queryInt } from "../Reply.ts"
import { type AppContext, type Call, route, type Route } from "../SandboxApp.ts"
import { derivation, entryAnswer, type OwnerViews } from "./PlexAnswers.ts"
import {
  addedAt,
  collectionKey,
  entryOf,
  episodeKey,
  episodes,
  movieKey,
  movieSection,
  type PlexEntry,
  showSection,
  stateOf,
  workOf
} from "./PlexKeys.ts"
import { container, containerPage, plexNotFound } from "./PlexReplies.ts"

export const plexLibraryRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const derive = derivation(context)
  const entries = (section: string, type: number): ReadonlyArray<PlexEntry> => {
    if (section === movieSection) return [...world.serverMovies.values()].map((movie) => ({ type: "movie", movie }))
    const shows = [...world.serverShows.values()]
    if (type === 2) return shows.map((show) => ({ type: "show", show }))
    const seasons = shows.flatMap((show) => show.seasons).filter((season) => season.files !== 0)
    return type === 3 ? seasons.map((season) => ({ type: "season", season })) : seasons.flatMap(episodes)
  }
  const head = (section: string) => ({
    allowSync: false,
    identifier: "com.plexapp.plugins.library",
    librarySectionID: Number(section),
    librarySectionTitle: section === movieSection ? "Movies" : "TV Shows"
  })
  const isSection = (section: string | undefined): section is string =>
    section === movieSection || section === showSection
  const states = (section: string): ReadonlyArray<ServerState> =>
    section === movieSection
      ? [...world.serverMovies.values()].map((movie) => movie.server)
      : [...world.serverShows.values()].map((show) => show.server)
  const collections = (section: string) => {
    const counts = new Map<string, number>()
    for (const state of states(section))
      for (const title of state.collections) counts.set(title, (counts.get(title) ?? 0) + 1)
    return [...counts].map(([title, childCount]) => ({ title, childCount }))
  }
  const collectionPage = (call: Call, section: string) =>
    containerPage(call, head(section), "Metadata", collections(section), ({ title, childCount }) => {
      const key = collectionKey(section, title)
      return {
        ratingKey: String(key),
        key: `/library/collections/${key}/children`,
        guid: `collection://${key}`,
        type: "collection",
        title,
        subtype: section === movieSection ? "movie" : "show",
        summary: "",
        smart: false,
        childCount,
        addedAt: world.epoch(world.startedAt),
        updatedAt: world.epoch(world.startedAt)
      }
    })
  const members = (call: Call) => {
    const key = Number(call.params["id"])
    for (const section of [movieSection, showSection]) {
      const title = collections(section).find((each) => collectionKey(section, each.title) === key)?.title
      if (title === undefined) continue
      const rows = entries(section, section === movieSection ? 1 : 2).filter((entry) =>
        stateOf(entry).collections.has(title)
      )
      return containerPage(call, head(section), "Metadata", rows, (row) =>
        entryAnswer(world, derive().views, row, false)
      )
    }
    return plexNotFound()
  }

  return [
    route("GET", "/library/sections", (call) =>
      container(call, { size: 2, allowSync: false, title1: "Plex Library", Directory: sections(context) })
    ),
    route("GET", "/library/sections/:key/all", (call) => {
      const section = call.params["key"]
      if (!isSection(section)) return plexNotFound()
      const type = queryInt(call.query, "type", section === movieSection ? 1 : 2)
      if (type === 18) return collectionPage(call, section)
      const memo = derive()
      const rows = memo.list(`${section}/${type}/${listKey(call.query)}`, () =>
        sorted(entries(section, type).filter(entryFilter(world, memo.views, call.query)), call.query.get("sort"), world)
      )
      const guids = call.query.get("includeGuids") === "1"
      return containerPage(call, head(section), "Metadata", rows, (entry) =>
        entryAnswer(world, memo.views, entry, guids)
      )
    }),
    route("PUT", "/library/sections/:key/all", (call) => {
      if (!isSection(call.params["key"])) return plexNotFound()
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
    route("GET", "/library/sections/:key/collections", (call) =>
      isSection(call.params["key"]) ? collectionPage(call, call.params["key"]) : plexNotFound()
    ),
    route("GET", "/library/collections/:id/children", members),
    route("GET", "/library/collections/:id/items", members),
    route("GET", "/library/sections/:key/label", (call) => {
      const section = call.params["key"]
      if (!isSection(section)) return plexNotFound()
      const labels = [...new Set(states(section).flatMap((state) => [...state.labels]))].sort()
      return containerPage(call, head(section), "Directory", labels, (title) => ({
        fastKey: `/library/sections/${section}/all?label=${encodeURIComponent(title)}`,
        key: title,
        title
      }))
    }),
    // The world shows its changes at once, so that a scan finds nothing new.
    ...["GET", "POST"].map((method) =>
      route(method, "/library/sections/:key/refresh", (call) =>
        isSection(call.params["key"]) ? new Response(null, { status: 200 }) : plexNotFound()
      )
    )
  ]
}

const sections = ({ world }: AppContext) =>
  [
    {
      key: movieSection,
      type: "movie",
      title: "Movies",
      agent: "tv.plex.agents.movie",
      scanner: "Plex Movie",
      path: movieRoot
    },
    {
      key: showSection,
      type: "show",
      title: "TV Shows",
      agent: "tv.plex.agents.series",
      scanner: "Plex TV Series",
      path: showRoot
    }
  ].map(({ key, type, title, agent, scanner, path }) => ({
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
    uuid: `00000000-0000-4000-8000-00000000000${key}`,
    updatedAt: world.epoch(world.startedAt),
    createdAt: world.epoch(world.startedAt - 5 * 365 * 86_400_000),
    scannedAt: world.epoch(world.now()),
    content: true,
    directory: true,
    contentChangedAt: 1_000_000 + world.revision,
    hidden: 0,
    Location: [{ id: Number(key), path }]
  }))

/** `label[0].tag.tag=A` lists what the tags become; `label[].tag.tag-=A,B` takes some away. */
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

/** The part of a query that decides which entries a list has, and in which order. */
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
      (label === null || stateOf(entry).labels.has(label)) &&
      (collection === null || stateOf(entry).collections.has(collection)) &&
      (year === null || work.year === Number(year)) &&
      (title === undefined || work.title.toLowerCase().includes(title)) &&
      (after === null || world.epoch(addedAt(entry)) > Number(after)) &&
      (!unwatched || !isWatched(views, entry))
    )
  }
}

const isWatched = (views: OwnerViews, entry: PlexEntry): boolean => {
  if (entry.type === "movie") return views.has(movieKey(entry.movie))
  if (entry.type === "episode") return views.has(episodeKey(entry.season, entry.episode))
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
