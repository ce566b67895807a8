/** The lists of the simulated Jellyfin, its single items, and what changes them: tags, favourites, and removal. */
import { hasBit } from "../../world/LibraryIndex.ts"
import { poster } from "../Poster.ts"
import { json, listing, page, queryInt } from "../Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route } from "../SandboxApp.ts"
import { addedAt, deleteFilesOf, entryOf, episodes, type PlexEntry, stateOf, workOf } from "../plex/PlexKeys.ts"
import { type Describing, itemAnswer, type JellyfinEntry, typeNames } from "./JellyfinAnswers.ts"
import { type JellyfinKeys, libraries } from "./JellyfinKeys.ts"
import type { JellyfinUserData } from "./JellyfinUserData.ts"

export const jellyfinItemRoutes = (
  { world }: AppContext,
  keys: JellyfinKeys,
  userData: JellyfinUserData
): ReadonlyArray<Route> => {
  const remember = memory<ReadonlyArray<JellyfinEntry> | undefined>(() => world.revision)
  const rememberCollections = memory<ReadonlyMap<string, Collection>>(() => world.revision)
  const movies = (): ReadonlyArray<PlexEntry> =>
    [...world.serverMovies.values()].map((movie) => ({ type: "movie", movie }))
  const shows = (): ReadonlyArray<PlexEntry> => [...world.serverShows.values()].map((show) => ({ type: "show", show }))
  const below = (entry: PlexEntry): ReadonlyArray<PlexEntry> => {
    if (entry.type === "show") {
      const seasons = entry.show.seasons.filter((season) => season.files !== 0)
      return seasons.flatMap((season): ReadonlyArray<PlexEntry> => [{ type: "season", season }, ...episodes(season)])
    }
    return entry.type === "season" ? episodes(entry.season) : []
  }
  const withParts = (entries: ReadonlyArray<PlexEntry>) => entries.flatMap((entry) => [entry, ...below(entry)])
  /** Collections by their ids. */
  const collections = () =>
    rememberCollections("all", () => {
      const found = new Map<string, Collection & { readonly members: Array<PlexEntry> }>()
      for (const entry of [...movies(), ...shows()]) {
        for (const title of stateOf(entry).collections) {
          const id = keys.collection(title)
          const collection = found.get(id) ?? { title, members: [] }
          collection.members.push(entry)
          found.set(id, collection)
        }
      }
      return found
    })

  /** Everything below a parent, at any depth or directly. A collection shows what is in it only to somebody. */
  const inside = (call: Call): ReadonlyArray<JellyfinEntry> | undefined => {
    const parent = call.query.get("parentId")
    const recursive = call.query.get("recursive") === "true"
    const number = keys.numberOfItem(parent)
    const all = (): ReadonlyArray<JellyfinEntry> =>
      [...collections().values()].map(({ title }): JellyfinEntry => ({ type: "collection", title }))
    if (parent === null) return recursive ? [...withParts([...movies(), ...shows()]), ...all()] : []
    if (number === libraries.movies) return movies()
    if (number === libraries.shows) return recursive ? withParts(shows()) : shows()
    if (number === libraries.collections) return all()
    const collection = collections().get(parent)
    if (collection !== undefined) return keys.personOf(call.query.get("userId")) ? collection.members : []
    if (number === undefined) return undefined
    const entry = entryOf(world, number)
    return entry === undefined
      ? undefined
      : below(entry).filter((each) => recursive || entry.type !== "show" || each.type === "season")
  }

  const describing = (call: Call, fields: ReadonlySet<string> | null): Describing => ({
    world,
    keys,
    userData,
    person: call.query.get("enableUserData") === "false" ? undefined : keys.personOf(call.query.get("userId")),
    fields
  })

  const list = (call: Call): Response => {
    const person = keys.personOf(call.query.get("userId"))
    if (call.query.has("userId") && person === undefined) return problem(404, "User not found")
    const types = values(call, "includeItemTypes")
    const ids = values(call, "ids")
    const filters = values(call, "filters")
    const favourite = filters.has("IsFavorite") || call.query.get("isFavorite") === "true"
    const played = filters.has("IsPlayed") || call.query.get("isPlayed") === "true"
    const rows = remember(listKey(call), () => {
      const found = inside(call)?.filter(
        (entry) =>
          (types.size === 0 || types.has(typeNames[entry.type])) &&
          (ids.size === 0 || ids.has(String(itemAnswer(describing(call, noFields), entry)["Id"]))) &&
          (!(favourite || played) ||
            (person !== undefined &&
              entry.type !== "collection" &&
              (!favourite || userData.isFavourite(person, entry)) &&
              (!played || userData.isPlayed(person, entry))))
      )
      return found === undefined ? undefined : sorted(call, found)
    })
    if (rows === undefined) return problem(404, "Item not found")
    const start = Math.max(0, queryInt(call.query, "startIndex", 0))
    const found = page(call, rows, start, queryInt(call.query, "limit", rows.length))
    if (found === undefined) return problem(500, "Error processing request.")
    const context = describing(call, values(call, "fields"))
    return listing(call, {
      before: '{"Items":[',
      after: `],"TotalRecordCount":${found.total},"StartIndex":${start}}`,
      rows: found.rows,
      render: (entry) => itemAnswer(context, entry)
    })
  }

  const found = (call: Call): PlexEntry | undefined => {
    const number = keys.numberOfItem(call.params["id"])
    return number === undefined ? undefined : entryOf(world, number)
  }

  const mark = (isFavourite: boolean) => (call: Call) => {
    const person = keys.personOf(call.query.get("userId"))
    const entry = found(call)
    if (entry === undefined || person === undefined) return problem(404, "Item or user not found")
    userData.mark(person, entry, isFavourite)
    return json(call, userData.answer(person, entry))
  }

  return [
    route("GET", "/Items", list),
    route("GET", "/Items/Counts", (call) => {
      const seasons = [...world.serverShows.values()].flatMap((show) => show.seasons)
      let episodeCount = 0
      for (const season of seasons)
        for (let episode = 1; episode <= season.work.aired; episode++) if (hasBit(season.files, episode)) episodeCount++
      return json(call, {
        MovieCount: world.serverMovies.size,
        SeriesCount: world.serverShows.size,
        EpisodeCount: episodeCount,
        ArtistCount: 0,
        ProgramCount: 0,
        TrailerCount: 0,
        SongCount: 0,
        AlbumCount: 0,
        MusicVideoCount: 0,
        BoxSetCount: collections().size,
        BookCount: 0,
        ItemCount: world.serverMovies.size + world.serverShows.size + episodeCount
      })
    }),
    route("GET", "/Items/:id", (call) => {
      const collection = collections().get(call.params["id"] ?? "")
      const entry: JellyfinEntry | undefined =
        collection === undefined ? found(call) : { type: "collection", title: collection.title }
      return entry === undefined
        ? problem(404, "Item not found")
        : json(call, itemAnswer(describing(call, null), entry))
    }),
    // The whole item comes back with what is to change; of that the world knows tags.
    route("POST", "/Items/:id", async (call) => {
      const entry = found(call)
      if (entry === undefined) return problem(404, "Item not found")
      const body: unknown = await call.request.json().catch(() => null)
      const tags: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "Tags") : undefined
      if (!Array.isArray(tags)) return problem(400, "Error processing request.")
      const { labels } = stateOf(entry)
      labels.clear()
      for (const tag of tags) labels.add(String(tag))
      world.revision++
      return new Response(null, { status: 204 })
    }),
    // Deletes the files, whoever manages them.
    route("DELETE", "/Items/:id", (call) => {
      const entry = found(call)
      if (entry === undefined) return problem(404, "Item not found")
      return destroy(
        call,
        ({ freesBytes }) => deleteFilesOf(world, entry, freesBytes),
        () => new Response(null, { status: 204 }),
        () => problem(500, "Error processing request.")
      )
    }),
    route("POST", "/UserFavoriteItems/:id", mark(true)),
    route("DELETE", "/UserFavoriteItems/:id", mark(false)),
    openRoute("GET", "/Items/:id/Images/Primary", (call) => {
      const entry = found(call)
      if (entry === undefined) return problem(404, "Item not found")
      const { title, year } = workOf(entry)
      return poster(title, year)
    })
  ]
}

export const problem = (status: number, title: string): Response =>
  new Response(JSON.stringify({ type: "https://tools.ietf.org/html/rfc9110", title, status }), {
    status,
    headers: { "content-type": "application/problem+json; charset=utf-8" }
  })

interface Collection {
  readonly title: string
  readonly members: ReadonlyArray<PlexEntry>
}

const noFields: ReadonlySet<string> = new Set()

/** The values of a parameter that comes repeated or separated by commas. */
const values = (call: Call, name: string): ReadonlySet<string> =>
  new Set(
    call.query
      .getAll(name)
      .flatMap((value) => value.split(","))
      .filter((value) => value !== "")
  )

/** The part of a query that decides which items a list has, and in which order. */
const listKey = (call: Call): string =>
  [...call.query]
    .filter(([key]) => !/^(startIndex|limit|fields|enable\w+|ApiKey)$/i.test(key))
    .map(([key, value]) => `${key}=${value}`)
    .join("&")

const sorted = (call: Call, rows: ReadonlyArray<JellyfinEntry>): ReadonlyArray<JellyfinEntry> => {
  const [first] = values(call, "sortBy")
  if (first !== "DateCreated") return rows
  const sign = values(call, "sortOrder").has("Descending") ? -1 : 1
  const at = (entry: JellyfinEntry) => (entry.type === "collection" ? 0 : addedAt(entry))
  return rows.toSorted((one, other) => sign * (at(one) - at(other)))
}

/** What pages of one list share is worked out once for each state of the world. */
const memory = <A>(revision: () => number) => {
  let of = -1
  let kept = new Map<string, { readonly value: A }>()
  return (key: string, make: () => A): A => {
    if (of !== revision() || kept.size > 16) {
      of = revision()
      kept = new Map()
    }
    const found = kept.get(key) ?? { value: make() }
    kept.set(key, found)
    return found.value
  }
}
