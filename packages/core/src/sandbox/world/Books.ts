/** Generates a collection of books: authors and their works, as text or audio. */
import type { CreatorStock, CreatorWork, PieceWork } from "./CreatorModel.ts"
import { creatorStock, inventCreators } from "./Creators.ts"
import { numbered } from "./Generate.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { titleMaker } from "./Titles.ts"
import { dayMillis } from "./Works.ts"
import type { WorldOptions } from "./WorldModel.ts"

export const bookRoot = "/data/books"

/** Goodreads ids of generated authors and books, in a range that is not in use. */
const [firstAuthor, firstBook] = [900_000_000, 1_900_000_000]

/** A book for every ten items. */
export const generateBooks = (options: WorldOptions, now: number, number = 1): CreatorStock => {
  const random = new SeededRandom(options.seed ?? "tendarr").fork(numbered("books", number))
  const books = Math.max(1, Math.round(Math.max(2, options.items ?? 400) * 0.1))
  const invent = inventAuthors(random, now)
  const collection = {
    root: numbered(bookRoot, number),
    label: numbered("books", number),
    works: invent(books),
    wanted: invent(Math.max(2, Math.round(books * 0.05))),
    tagLabels: ["keep", "series"]
  }
  return creatorStock(random.fork("records"), collection, options, now)
}

const inventAuthors = (source: SeededRandom, now: number) => {
  const random = source.fork("works")
  const title = titleMaker(random.fork("titles"))
  const taken = new Set<string>()
  let [author, book] = [firstAuthor, firstBook]
  const name = (): string => {
    const made = `${random.pick(firstNames)} ${random.pick(lastNames)}${random.pick(endings)}`
    // There are fewer names than authors in a large library.
    const unique = taken.has(made) ? `${made} ${taken.size + 1}` : made
    taken.add(unique)
    return unique
  }
  return (books: number): ReadonlyArray<CreatorWork> =>
    inventCreators(random, books, 7, (count) => {
      const years = random.skewed(count, 60, 1.5)
      const genres = random.some(bookGenres, random.int(1, 2))
      return {
        name: name(),
        foreignId: String(author++),
        ended: random.chance(0.3),
        genres,
        rating: Math.round(random.between(60, 92)) / 10,
        votes: Math.round(random.skewed(5, 90_000, 4)),
        pieces: Array.from({ length: count }, (_, index) =>
          inventBook(random, title(), String(book++), genres, now - (years * (count - index) * 365 * dayMillis) / count)
        )
      }
    })
}

const inventBook = (
  random: SeededRandom,
  title: string,
  foreignId: string,
  genres: ReadonlyArray<string>,
  releasedAt: number
): PieceWork => {
  const pages = random.int(90, 780)
  // A page takes about two minutes to read aloud, at 64 kbit/s; as text, a book has a few megabytes.
  const isAudiobook = random.chance(0.35)
  return {
    title,
    foreignId,
    releasedAt: Math.floor(releasedAt / dayMillis) * dayMillis,
    genres,
    label: random.pick(publishers),
    rating: Math.round(random.between(50, 95)) / 10,
    votes: Math.round(random.skewed(3, 40_000, 4)),
    parts: 1,
    partMillis: isAudiobook ? pages * 110_000 : 0,
    pages,
    sizeBytes: isAudiobook ? pages * 110 * 8_000 : random.int(400_000, 9_000_000)
  }
}

const firstNames = ["Ada", "Bram", "Cleo", "Dorrit", "Edda", "Fenwick", "Greta", "Hollis", "Ilse", "Jory"] as const
const lastNames = ["Quil", "Harrow", "Vesper", "Thistle", "Morran", "Pell", "Ashgar", "Lindow", "Crake"] as const
const endings = ["", "by", "wick", "stad", "mere"] as const
const publishers = ["Inkwell & Sons", "Second Shelf", "Lanternhouse"] as const
const bookGenres = ["Biography", "Crime", "Essays", "Fantasy", "History", "Novel", "Science fiction"] as const
