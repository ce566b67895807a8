/** The ids of the simulated Jellyfin: 32 hex digits for everything, and the way back to what the world calls it. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { SeededRandom } from "../../world/SeededRandom.ts"
import type { Person } from "../../world/WorldModel.ts"
import { episodeKey, movieKey, type PlexEntry, seasonKey, showKey } from "../plex/PlexKeys.ts"

/** Whatever a media server numbers stands in the last eight digits; the rest tells items from people. */
export interface JellyfinKeys {
  readonly server: string
  readonly item: (number: number) => string
  /** A collection has no number: its id follows from its title. */
  readonly collection: (title: string) => string
  readonly person: (person: Person) => string
  /** The number of an item, or of an account; `undefined` for what is no such id. */
  readonly numberOfItem: (id: string | null | undefined) => number | undefined
  readonly personOf: (id: string | null | undefined) => Person | undefined
}

export const libraries = { movies: 1, shows: 2, collections: 3 } as const

export const jellyfinKeys = (world: SandboxWorld): JellyfinKeys => {
  const random = new SeededRandom(`${world.options.seed ?? "tendarr"}/jellyfin`)
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

export const keyOfEntry = (entry: PlexEntry): number => {
  if (entry.type === "movie") return movieKey(entry.movie)
  if (entry.type === "show") return showKey(entry.show)
  return entry.type === "season" ? seasonKey(entry.season) : episodeKey(entry.season, entry.episode)
}
