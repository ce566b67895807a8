/** The items of a simulated Jellyfin or Emby: lists, single ones, favourites and removal. */
import { hasBit } from "../../world/Masks.ts"
import { poster } from "../Poster.ts"
import { json, listing, page, queryInt } from "../Reply.ts"
import { type AppContext, type Call, deletesMedia, destroy, type Route } from "../SandboxApp.ts"
import { addedAt, deleteFilesOf, entryOf, episodes, type PlexEntry, stateOf, workOf } from "../plex/PlexKeys.ts"
import { type Describing, itemAnswer, type Product, type ServerEntry, typeNames } from "./ItemAnswers.ts"
import {
  libraryOfMovie,
  libraryOfShow,
  moviesOnServer,
  showsOnServer,
  type VideoLibrary,
  videoLibraries
} from "../Libraries.ts"
import { collectionsLibrary, keyOfEntry, libraryNumber, type MediaBrowserKeys } from "./MediaBrowserKeys.ts"
import type { UserData } from "./UserData.ts"

/** Routes about items that both servers share. */
export interface ServerItems {
  /** The list that the query requests. */
  readonly list: (call: Call) => Response
  readonly counts: (call: Call) => Response
  /** The complete item under `:id`. */
  readonly single: (call: Call) => Response
  /** Responds for the item under `:id` if it is not a collection, and with 404 if there is none. */
  readonly onFound: (answer: (call: Call, entry: PlexEntry) => Response | Promise<Response>) => Route["answer"]
  /** Marks the item under `:id` for a user. */
  readonly mark: (isFavourite: boolean) => (call: Call) => Response
  /** Deletes the files under `:id`, whichever application manages them. */
  readonly remove: Route["answer"]
  readonly poster: Route["answer"]
}

export const makeServerItems = (
  app: AppContext,
  keys: MediaBrowserKeys,
  userData: UserData,
  product: Product
): ServerItems => {
  const { world } = app
  const remember = memory<ReadonlyArray<ServerEntry> | undefined>(() => world.revision)
  const rememberCollections = memory<ReadonlyMap<string, Collection>>(() => world.revision)
  const inLibrary = ({ index, type }: VideoLibrary): ReadonlyArray<PlexEntry> =>
    type === "movie"
      ? [...(world.movieShelves[index]?.onServer.values() ?? [])].map((movie) => ({ type: "movie", movie }))
      : [...(world.showShelves[index]?.onServer.values() ?? [])].map((show) => ({ type: "show", show }))
  const everything = () => videoLibraries(world).flatMap(inLibrary)
  const viewerId = (call: Call): string | null => call.params["user"] ?? call.query.get("userId")
  const viewerOf = (call: Call) => keys.personOf(viewerId(call))
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
      for (const entry of everything()) {
        for (const title of stateOf(entry).collections) {
          const id = keys.collection(title)
          const collection = found.get(id) ?? { title, members: [] }
          collection.members.push(entry)
          found.set(id, collection)
        }
      }
      return found
    })

  /** Everything below a parent, at any depth or directly. A collection shows its contents only to a user. */
  const inside = (call: Call): ReadonlyArray<ServerEntry> | undefined => {
    const parent = call.query.get("parentId")
    const recursive = call.query.get("recursive") === "true"
    const number = keys.numberOfItem(parent)
    const all = (): ReadonlyArray<ServerEntry> =>
      [...collections().values()].map(({ title }): ServerEntry => ({ type: "collection", title }))
    if (parent === null) return recursive ? [...withParts(everything()), ...all()] : []
    if (number === collectionsLibrary) return all()
    const library = videoLibraries(world).find((one) => libraryNumber(one) === number)
    if (library !== undefined) return recursive ? withParts(inLibrary(library)) : inLibrary(library)
    const collection = collections().get(parent)
    // Only the administrator sees the members; lists can collapse them into the collection.
    if (collection !== undefined) return viewerOf(call) === world.people[0] ? collection.members : []
    if (number === undefined) return undefined
    const entry = entryOf(world, number)
    return entry === undefined
      ? undefined
      : below(entry).filter((each) => recursive || entry.type !== "show" || each.type === "season")
  }

  /** The base of a list: the requested ids, as far as they are below the parent, or everything there. */
  const rowsOf = (call: Call): ReadonlyArray<ServerEntry> | undefined => {
    const ids = values(call, "ids")
    if (ids.size === 0) return inside(call)
    const named = [...ids].flatMap((id): ReadonlyArray<ServerEntry> => {
      const collection = collections().get(id)
      if (collection !== undefined) return [{ type: "collection", title: collection.title }]
      const number = keys.numberOfItem(id)
      const entry = number === undefined ? undefined : entryOf(world, number)
      return entry === undefined ? [] : [entry]
    })
    const parent = call.query.get("parentId")
    const library = videoLibraries(world).find((one) => libraryNumber(one) === keys.numberOfItem(parent))
    if (parent === null) return named
    if (library !== undefined) return named.filter((entry) => isIn(library, entry))
    const below = new Set(inside(call)?.map(idOf))
    return named.filter((entry) => below.has(idOf(entry)))
  }
  const idOf = (entry: ServerEntry): string =>
    entry.type === "collection" ? keys.collection(entry.title) : keys.item(keyOfEntry(entry))

  const describing = (call: Call, fields: ReadonlySet<string> | null): Describing => ({
    world,
    keys,
    userData,
    product,
    person: call.query.get("enableUserData") === "false" ? undefined : viewerOf(call),
    fields
  })

  const list = (call: Call): Response => {
    const person = viewerOf(call)
    if (viewerId(call) !== null && person === undefined) return problem(404, "User not found")
    const types = values(call, "includeItemTypes")
    const filters = values(call, "filters")
    const favourite = filters.has("IsFavorite") || call.query.get("isFavorite") === "true"
    const played = filters.has("IsPlayed") || call.query.get("isPlayed") === "true"
    const rows = remember(`${viewerId(call)} ${listKey(call)}`, () => {
      const found = rowsOf(call)?.filter(
        (entry) =>
          (types.size === 0 || types.has(typeNames[entry.type])) &&
          (!(favourite || played) ||
            (person !== undefined &&
              entry.type !== "collection" &&
              (!favourite || userData.isFavourite(person, entry)) &&
              (!played || userData.isPlayed(person, entry))))
      )
      const shown = call.query.get("collapseBoxSetItems") === "true" ? found?.filter(standsAlone) : found
      return shown === undefined ? undefined : sorted(call, shown)
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

  const onFound: ServerItems["onFound"] = (answer) => (call) => {
    const entry = found(call)
    return entry === undefined ? problem(404, "Item not found") : answer(call, entry)
  }

  return {
    list,
    onFound,
    counts: (call) => {
      const [shows, movies] = [showsOnServer(world), moviesOnServer(world).length]
      let episodes = 0
      for (const season of shows.flatMap((show) => show.seasons))
        for (let episode = 1; episode <= season.work.aired; episode++) if (hasBit(season.files, episode)) episodes++
      return json(call, {
        MovieCount: movies,
        SeriesCount: shows.length,
        EpisodeCount: episodes,
        ArtistCount: 0,
        ProgramCount: 0,
        TrailerCount: 0,
        SongCount: 0,
        AlbumCount: 0,
        MusicVideoCount: 0,
        BoxSetCount: collections().size,
        BookCount: 0,
        ItemCount: movies + shows.length + episodes
      })
    },
    single: (call) => {
      const collection = collections().get(call.params["id"] ?? "")
      const entry: ServerEntry | undefined =
        collection === undefined ? found(call) : { type: "collection", title: collection.title }
      return entry === undefined
        ? problem(404, "Item not found")
        : json(call, itemAnswer(describing(call, null), entry))
    },
    mark: (isFavourite) => (call) => {
      const person = viewerOf(call)
      const entry = found(call)
      if (entry === undefined || person === undefined) return problem(404, "Item or user not found")
      userData.mark(person, entry, isFavourite)
      return json(call, userData.answer(person, entry))
    },
    remove: onFound((call, entry) =>
      deletesMedia(app, product.kind)
        ? destroy(
            call,
            ({ freesBytes }) => deleteFilesOf(world, entry, freesBytes),
            () => new Response(null, { status: 204 }),
            () => problem(500, "Error processing request.")
          )
        : problem(403, "The user may not delete media.")
    ),
    poster: onFound((_, entry) => {
      const { title, year } = workOf(entry)
      return poster(title, year)
    })
  }
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

const standsAlone = (entry: ServerEntry): boolean =>
  entry.type === "collection" || entry.type !== "movie" || stateOf(entry).collections.size === 0

const isIn = ({ index, type }: VideoLibrary, entry: ServerEntry): boolean => {
  if (entry.type === "collection") return false
  if (entry.type === "movie") return type === "movie" && libraryOfMovie(entry.movie) === index
  return type === "show" && libraryOfShow(entry.type === "show" ? entry.show : entry.season.show) === index
}

/** The values of a parameter that is repeated or separated by commas. */
const values = (call: Call, name: string): ReadonlySet<string> =>
  new Set(
    call.query
      .getAll(name)
      .flatMap((value) => value.split(","))
      .filter((value) => value !== "")
  )

/** The part of a query that determines the items of a list and their order. */
const listKey = (call: Call): string =>
  [...call.query]
    .filter(([key]) => !/^(startIndex|limit|fields|enable\w+|ApiKey)$/i.test(key))
    .map(([key, value]) => `${key}=${value}`)
    .join("&")

const sorted = (call: Call, rows: ReadonlyArray<ServerEntry>): ReadonlyArray<ServerEntry> => {
  const [first] = values(call, "sortBy")
  if (first !== "DateCreated") return rows
  const sign = values(call, "sortOrder").has("Descending") ? -1 : 1
  const at = (entry: ServerEntry) => (entry.type === "collection" ? 0 : addedAt(entry))
  return rows.toSorted((one, other) => sign * (at(one) - at(other)))
}

/** Values shared by the pages of one list are computed once per state of the world. */
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
