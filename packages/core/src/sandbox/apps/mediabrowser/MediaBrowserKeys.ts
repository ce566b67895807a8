/** The ids of a simulated Jellyfin or Emby, and the way back from them to what the world calls it. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { numbered } from "../../world/Generate.ts"
import { SeededRandom } from "../../world/SeededRandom.ts"
import type { Person } from "../../world/WorldModel.ts"
import type { VideoLibrary } from "../Libraries.ts"
import { collectionKey, episodeKey, movieKey, type PlexEntry, seasonKey, showKey } from "../plex/PlexKeys.ts"

export interface MediaBrowserKeys {
  readonly server: string
  readonly item: (number: number) => string
  /** A collection's id follows from its title. */
  readonly collection: (title: string) => string
  readonly person: (person: Person) => string
  /** The number of an item; `undefined` for what is no id of one. */
  readonly numberOfItem: (id: string | null | undefined) => number | undefined
  readonly personOf: (id: string | null | undefined) => Person | undefined
}

/** Numbers of libraries; those of items are larger. */
export const libraryNumber = ({ index, type }: Pick<VideoLibrary, "index" | "type">): number =>
  index === 0 ? (type === "movie" ? 1 : 2) : 10 + 2 * index + (type === "movie" ? 0 : 1)
export const collectionsLibrary = 3

/** 32 hex digits: whatever is numbered stands in the last eight; the rest tells items from people, and servers apart. */
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

/** Emby counts items; people have 32 hex digits there too. */
export const embyKeys = (world: SandboxWorld, number: number): MediaBrowserKeys => {
  const random = new SeededRandom(`${world.options.seed ?? "tendarr"}/${numbered("emby", number)}`)
  const people = random.hex(24)
  // Servers that were filled at another time count from another number.
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
