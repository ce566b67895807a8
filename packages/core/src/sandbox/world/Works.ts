/** Generates movies and shows: the data of metadata providers, and the size of the downloaded files. */
import { shareOf } from "./Masks.ts"
import type { SeededRandom } from "./SeededRandom.ts"
import { movieGenres, networks, showGenres, studios, titleMaker } from "./Titles.ts"
import type { MovieWork, Quality, Ratings, SeasonWork, ShowWork } from "./WorldModel.ts"

export const dayMillis = 86_400_000
const yearMillis = 365.25 * dayMillis
const gigabyte = 1_000_000_000

/** One movie in five is in a collection of two to five; one in two hundred shares its title with an older one. */
export const inventMovies = (random: SeededRandom, count: number, now: number): Array<MovieWork> => {
  const title = titleMaker(random.fork("titles"))
  const works: Array<MovieWork> = []
  while (works.length < count) {
    const first = inventMovie(random, works.length, title(), now, null)
    const previous = works[works.length - 1]
    if (previous !== undefined && random.chance(0.005)) {
      works.push({ ...first, title: previous.title, year: previous.year - random.int(11, 40) })
    } else if (random.chance(0.07) && count - works.length >= 2) {
      const parts = Math.min(random.int(2, 5), count - works.length)
      const collection = { tmdbId: 300_000 + works.length, title: `${first.title} Collection` }
      works.push({ ...first, collection })
      for (let part = 2; part <= parts; part++) {
        const name = `${first.title} ${numerals[part - 2] ?? part}`
        works.push(inventMovie(random, works.length, name, now, collection))
      }
    } else {
      works.push(first)
    }
  }
  return works
}

/** Shows of two to eight seasons until there are `seasons` of them in all; the last show may be shorter. */
export const inventShows = (random: SeededRandom, seasons: number, now: number): Array<ShowWork> => {
  const title = titleMaker(random.fork("titles"))
  const works: Array<ShowWork> = []
  let left = seasons
  while (left > 0) {
    const count = Math.min(left, random.int(2, 8))
    works.push(inventShow(random, works.length, title(), count, now))
    left -= count
  }
  return works
}

/** Size of one episode's file. All of a season's episodes together have exactly the season's size. */
export const episodeSize = (season: SeasonWork, episode: number): number => {
  return episode > season.aired ? 0 : shareOf(season.sizeBytes, season.aired, episode)
}

const numerals = ["II", "III", "IV", "V"] as const

const inventMovie = (
  random: SeededRandom,
  index: number,
  title: string,
  now: number,
  collection: MovieWork["collection"]
): MovieWork => {
  const quality = inventQuality(random)
  const releasedAt = startOfDay(now - random.skewed(0.2, 55, 2) * yearMillis)
  return {
    title,
    year: new Date(releasedAt).getUTCFullYear(),
    // Spread like real ids, and unique: each index has its own hundred numbers.
    tmdbId: 20_000 + index * 100 + random.int(0, 99),
    imdbId: `tt${String(1_000_000 + index * 50 + random.int(0, 49)).padStart(7, "0")}`,
    language: random.weighted<MovieWork["language"]>(languages),
    genres: random.some(movieGenres, random.int(1, 3)),
    certification: random.weighted([
      ["PG", 3],
      ["PG-13", 4],
      ["R", 3],
      ["", 1]
    ]),
    runtimeMinutes: random.int(78, 171),
    ratings: inventRatings(random),
    quality,
    releasedAt,
    studio: random.pick(studios),
    collection,
    sizeBytes: Math.round(
      random.skewed(movieSizes[quality.resolution].low, movieSizes[quality.resolution].high, 1.6) * gigabyte
    )
  }
}

const inventShow = (random: SeededRandom, index: number, title: string, seasonCount: number, now: number): ShowWork => {
  const quality = inventQuality(random)
  const continuing = random.chance(0.35)
  const runtimeMinutes = random.pick([22, 25, 42, 45, 55])
  const newest = continuing ? now - random.int(7, 45) * dayMillis : now - random.skewed(1, 30, 2) * yearMillis
  const firstYearBack = newest - (seasonCount - 1) * yearMillis
  // In some shows the first of them are the specials.
  const hasSpecials = seasonCount >= 3 && index % 7 === 3
  const seasons = Array.from({ length: seasonCount }, (_, position): SeasonWork => {
    const total = random.pick([6, 8, 8, 10, 10, 12, 13, 16, 22])
    const firstAiredAt = startOfDay(firstYearBack + position * yearMillis)
    const aired = Math.max(1, Math.min(total, Math.floor((now - firstAiredAt) / (7 * dayMillis)) + 1))
    const perEpisode =
      random.skewed(episodeSizes[quality.resolution].low, episodeSizes[quality.resolution].high, 1.4) *
      (runtimeMinutes / 42)
    return {
      number: hasSpecials ? position : position + 1,
      aired,
      total,
      firstAiredAt,
      sizeBytes: Math.round(Math.min(90, Math.max(2, perEpisode * aired)) * gigabyte)
    }
  })
  return {
    title,
    year: new Date(startOfDay(firstYearBack)).getUTCFullYear(),
    tmdbId: 4_000 + index * 40 + random.int(0, 39),
    tvdbId: 70_000 + index * 60 + random.int(0, 59),
    tvMazeId: 1_000 + index * 7,
    imdbId: `tt${String(8_000_000 + index * 50 + random.int(0, 49))}`,
    language: random.weighted<MovieWork["language"]>(languages),
    genres: random.some(showGenres, random.int(1, 3)),
    certification: random.weighted([
      ["TV-PG", 3],
      ["TV-14", 4],
      ["TV-MA", 3]
    ]),
    runtimeMinutes,
    ratings: inventRatings(random),
    quality,
    releasedAt: startOfDay(firstYearBack),
    network: random.pick(networks),
    status: continuing ? "continuing" : "ended",
    seasons
  }
}

const inventQuality = (random: SeededRandom): Quality => {
  const resolution = random.weighted<Quality["resolution"]>([
    ["720p", 12],
    ["1080p", 62],
    ["2160p", 26]
  ])
  const high = resolution === "2160p"
  return {
    resolution,
    source: random.chance(0.45) ? "bluray" : "web",
    videoCodec: high
      ? "x265"
      : random.weighted<Quality["videoCodec"]>([
          ["x264", 7],
          ["x265", 3],
          ["AV1", 1]
        ]),
    audioCodec: random.pick<Quality["audioCodec"]>(
      high ? ["TrueHD Atmos", "EAC3", "DTS"] : ["AAC", "AC3", "EAC3", "DTS"]
    ),
    dynamicRange: high
      ? random.weighted<Quality["dynamicRange"]>([
          ["HDR10", 5],
          ["DV", 3],
          ["HDR10Plus", 1],
          ["HLG", 1]
        ])
      : ""
  }
}

const inventRatings = (random: SeededRandom): Ratings => {
  const base = Math.min(9.4, Math.max(2.5, 6.4 + (random.next() + random.next() + random.next() - 1.5) * 2.6))
  return {
    imdb: random.chance(0.05) ? null : round1(base),
    tmdb: round1(Math.min(10, base + random.between(-0.5, 0.7))),
    rottenTomatoes: random.chance(0.15)
      ? null
      : Math.round(Math.min(100, Math.max(3, base * 13 - 20 + random.between(-12, 12)))),
    votes: Math.round(random.skewed(40, 400_000, 4))
  }
}

/** Gigabytes of a whole movie; together 1.5 to 60. */
const movieSizes = {
  "720p": { low: 1.5, high: 5 },
  "1080p": { low: 3, high: 20 },
  "2160p": { low: 16, high: 60 }
} as const
/** Gigabytes of one episode of 42 minutes. */
const episodeSizes = {
  "720p": { low: 0.3, high: 1 },
  "1080p": { low: 0.8, high: 3.2 },
  "2160p": { low: 3, high: 8 }
} as const
const languages = [
  [{ id: 1, name: "English" }, 78],
  [{ id: 2, name: "French" }, 8],
  [{ id: 8, name: "Japanese" }, 8],
  [{ id: 4, name: "German" }, 6]
] as const

const round1 = (value: number): number => Math.round(value * 10) / 10
const startOfDay = (millis: number): number => Math.floor(millis / dayMillis) * dayMillis
