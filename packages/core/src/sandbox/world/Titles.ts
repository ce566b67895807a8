/**
 * Titles, studios and places of a library that never existed. Every title contains a word that is in no dictionary, so
 * that none is the name of a real movie or show.
 */
import type { SeededRandom } from "./SeededRandom.ts"

/** Returns a new title at each call and never the same one twice. */
export const titleMaker = (random: SeededRandom): (() => string) => {
  const taken = new Set<string>()
  return () => {
    for (;;) {
      const title = compose(random)
      if (!taken.has(title)) {
        taken.add(title)
        return title
      }
    }
  }
}

/** The arrs' sort key: lower case, without a leading article. */
/** The media servers' name of a season. */
export const seasonName = (number: number): string => (number === 0 ? "Specials" : `Season ${number}`)

export const sortTitle = (title: string): string => title.toLowerCase().replace(/^(the|a|an) /, "")

/** The arrs' comparison key: only letters and digits. */
export const cleanTitle = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]/g, "")

export const titleSlug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")

export const studios = [
  "Brassmoth Pictures",
  "Undertow & Daughters",
  "Tenpin Film",
  "Larkhollow",
  "Ninth Pier"
] as const
export const networks = ["Channel Oskerry", "VMR", "Quayside Public", "Streamwell", "Halden One"] as const

export const movieGenres = [
  "Action",
  "Adventure",
  "Comedy",
  "Crime",
  "Drama",
  "Family",
  "Horror",
  "Mystery",
  "Romance"
] as const
export const showGenres = [
  "Animation",
  "Comedy",
  "Crime",
  "Documentary",
  "Drama",
  "Fantasy",
  "Mystery",
  "Reality"
] as const

const starts = [
  "Vell",
  "Osk",
  "Marr",
  "Thren",
  "Quill",
  "Hald",
  "Bramm",
  "Corv",
  "Dunn",
  "Elv",
  "Ferr",
  "Grev"
] as const
const middles = ["a", "e", "i", "o", "u", "ae", "ow", "er", "an", "ol", "is", "un"] as const
const ends = ["moor", "wick", "ry", "stad", "mere", "haven", "dale", "thorn", "vik", "low", "ness", "gard"] as const
const nouns = [
  "Almanac",
  "Anchor",
  "Apiary",
  "Ballad",
  "Barometer",
  "Cartographer",
  "Choir",
  "Clockmaker",
  "Compass",
  "Ember",
  "Ferry",
  "Foghorn",
  "Gardener",
  "Harvest",
  "Inheritance",
  "Juniper",
  "Kite",
  "Lantern",
  "Ledger",
  "Lighthouse",
  "Locksmith",
  "Marmalade",
  "Orchard",
  "Parade",
  "Postman",
  "Quarry",
  "Reservoir",
  "Sextant",
  "Tidewrack",
  "Understudy",
  "Viaduct",
  "Weathervane"
] as const
const adjectives = [
  "Borrowed",
  "Brindled",
  "Crooked",
  "Distant",
  "Drowsy",
  "Eleventh",
  "Forgotten",
  "Gilded",
  "Hollow",
  "Idle",
  "Patient",
  "Pewter",
  "Reluctant",
  "Saltworn",
  "Second",
  "Unlit"
] as const

const place = (random: SeededRandom): string => `${random.pick(starts)}${random.pick(middles)}${random.pick(ends)}`

function compose(random: SeededRandom): string {
  const somewhere = place(random)
  const noun = random.pick(nouns)
  const adjective = random.pick(adjectives)
  return random.weighted([
    [`The ${noun} of ${somewhere}`, 4],
    [`${somewhere} ${noun}`, 3],
    [`The ${adjective} ${noun} of ${somewhere}`, 4],
    [`${adjective} ${somewhere}`, 2],
    [`A ${noun} for ${somewhere}`, 2],
    [`${somewhere} & the ${noun}`, 2],
    [`Leaving ${somewhere}`, 1],
    [`${noun}s over ${somewhere}`, 2]
  ])
}
