/** Generates a collection of music: artists and their albums. */
import type { CreatorStock, CreatorWork, PieceWork } from "./CreatorModel.ts"
import { creatorStock, inventCreators } from "./Creators.ts"
import { numbered } from "./Generate.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { titleMaker } from "./Titles.ts"
import { dayMillis } from "./Works.ts"
import type { WorldOptions } from "./WorldModel.ts"

export const musicRoot = "/data/music"

/** `number` is 2 for the collection of a second arr, which shares nothing with the first, and so on. */
export const generateMusic = (options: WorldOptions, now: number, number = 1): CreatorStock => {
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered("music", number))
  const albums = Math.max(1, options.albums ?? Math.round(Math.max(2, options.items ?? 400) * 0.15))
  const collection = {
    root: numbered(musicRoot, number),
    label: numbered("music", number),
    works: inventArtists(random.fork("works"), albums, now),
    wanted: inventArtists(random.fork("wanted"), Math.max(2, Math.round(albums * 0.05)), now),
    tagLabels: ["keep", "vinyl"]
  }
  return creatorStock(random.fork("records"), collection, options, now)
}

const inventArtists = (random: SeededRandom, albums: number, now: number): ReadonlyArray<CreatorWork> => {
  const name = titleMaker(random.fork("names"))
  const title = titleMaker(random.fork("titles"))
  return inventCreators(random, albums, 9, (count) => {
    const years = random.skewed(count, 45, 1.5)
    const genres = random.some(musicGenres, random.int(1, 2))
    return {
      name: random.pick(bands)(name()),
      foreignId: random.uuid(),
      ended: random.chance(0.4),
      genres,
      rating: Math.round(random.between(55, 95)) / 10,
      votes: Math.round(random.skewed(2, 4_000, 4)),
      pieces: Array.from({ length: count }, (_, index) =>
        inventAlbum(random, title(), genres, now - (years * (count - index) * 365 * dayMillis) / count)
      )
    }
  })
}

const inventAlbum = (
  random: SeededRandom,
  title: string,
  genres: ReadonlyArray<string>,
  releasedAt: number
): PieceWork => {
  const parts = random.int(6, 18)
  const partMillis = random.int(150, 330) * 1000
  // FLAC takes about 110 kilobytes per second, MP3 at 320 kbit/s takes 40.
  const bytesPerSecond = random.chance(0.6) ? random.int(95_000, 125_000) : 40_000
  return {
    title,
    foreignId: random.uuid(),
    releasedAt: Math.floor(releasedAt / dayMillis) * dayMillis,
    genres,
    label: random.pick(labels),
    rating: Math.round(random.between(45, 95)) / 10,
    votes: Math.round(random.skewed(1, 900, 4)),
    parts,
    partMillis,
    pages: 0,
    sizeBytes: Math.round(((parts * partMillis) / 1000) * bytesPerSecond)
  }
}

const bands = [
  (name: string) => name,
  (name: string) => `${name} Quartet`,
  (name: string) => `${name} Ensemble`,
  (name: string) => `${name} Brothers`
] as const
const labels = ["Sawdust Records", "Night Ferry", "Third Bell", "Gannet Sound"] as const
const musicGenres = ["Ambient", "Blues", "Classical", "Electronic", "Folk", "Jazz", "Metal", "Pop", "Rock"] as const
