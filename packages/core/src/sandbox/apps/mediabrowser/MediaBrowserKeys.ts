/** The ids of a simulated Jellyfin or Emby, and their mapping to objects of the world. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { numbered } from "../../world/Generate.ts"
import { SeededRandom } from "../../world/SeededRandom.ts"
import type { Person } from "../../world/WorldModel.ts"
import type { VideoLibrary } from "../Libraries.ts"
import { collectionKey, episodeKey, movieKey, type PlexEntry, seasonKey, showKey } from "../plex/PlexKeys.ts"

export interface MediaBrowserKeys {
  readonly server: string
  readonly item: (number: number) => string
  /** The id of a collection is derived from its title. */
  readonly collection: (title: string) => string
  readonly person: (person: Person) => string
  /** The number of an item; `undefined` if the id is not that of an item. */
  readonly numberOfItem: (id: string | null | undefined) => number | undefined
  readonly personOf: (id: string | null | undefined) => Person | undefined
}

/** Numbers of libraries; those of items are larger. */
export const libraryNumber = ({ index, type }: Pick<VideoLibrary, "index" | "type">): number =>
  index === 0 ? (type === "movie" ? 1 : 2) : 10 + 2 * index + (type === "movie" ? 0 : 1)
export const collectionsLibrary = 3

/**
 * 32 hex digits: the last eight contain the number; the rest distinguishes items from people, and servers from each
 * other.
 */
export const jellyfinKeys = (world: SandboxWorld, number: number): MediaBrowserKeys => {
  const random = new SeededRandom(`${world.options.seed ?? "tendarr"}/${numbered("jellyfin", number)}`)
  const [items, people] = [random.hex(24), random.hex(24)]
  const tail = (number: number) => number.toString(16).padStart(8, "0")
  const person = (one: Person) => `${people}${tail(one.accountId)}`
  return {
    server: random.hex(32),
    item: (number) => `${items}${tail(number)}`,
    collection: (title) => new SeededRandom(title).hex(32),
    person,
    numberOfItem: (id) => {
      const plain = id?.replaceAll("-", "").toLowerCase() ?? ""
      return plain.length === 32 && plain.startsWith(items) ? Number.parseInt(plain.slice(24), 16) : undefined
    },
    personOf: (id) => {
      const plain = id?.replaceAll("-", "").toLowerCase()
      return world.people.find((one) => person(one) === plain)
    }
  }
}

/** Emby numbers items; users have 32 hex digits there too. */
export const embyKeys = (world: SandboxWorld, number: number): MediaBrowserKeys => {
  const random = new SeededRandom(`${world.options.seed ?? "tendarr"}/${numbered("emby", number)}`)
  const people = random.hex(24)
  // Servers that were filled at different times start at different numbers.
  const first = random.int(10, 400)
  const person = (one: Person) => `${people}${one.accountId.toString(16).padStart(8, "0")}`
  return {
    server: random.hex(32),
    item: (number) => String(number + first),
    collection: (title) => String(collectionKey("0", title) + first),
    person,
    numberOfItem: (id) => (/^\d{1,9}$/.test(id ?? "") ? Number(id) - first : undefined),
    personOf: (id) => world.people.find((one) => person(one) === id?.toLowerCase())
  }
}

export const keyOfEntry = (entry: PlexEntry): number => {
  if (entry.type === "movie") return movieKey(entry.movie)
  if (entry.type === "show") return showKey(entry.show)
  return entry.type === "season" ? seasonKey(entry.season) : episodeKey(entry.season, entry.episode)
}
