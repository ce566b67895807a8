/** The users of a simulated stack, with their plays and requests. */
import { dayMillis } from "./Works.ts"
import type { SeededRandom } from "./SeededRandom.ts"
import type {
  MediaRequest,
  MovieRecord,
  MovieWork,
  Person,
  Play,
  RequestStatus,
  SeasonRecord,
  ShowRecord,
  ShowWork
} from "./WorldModel.ts"

/** The first one is the owner. Names differ between applications, as in reality. */
export const inventPeople = (random: SeededRandom): ReadonlyArray<Person> =>
  names.map(([username, friendlyName], index) => {
    const cloudId = 4_100_000 + index * 13_337 + random.int(0, 9_999)
    return {
      accountId: index === 0 ? 1 : cloudId,
      cloudId,
      username,
      friendlyName,
      email: `${username}@home.invalid`
    }
  })

/** Plays in order of time. About half of the library was never played; a few favourites often. */
export const inventPlays = (
  random: SeededRandom,
  people: ReadonlyArray<Person>,
  movies: Iterable<MovieRecord>,
  shows: Iterable<ShowRecord>,
  now: number
): Array<Play> => {
  const plays: Array<Omit<Play, "id">> = []
  for (const movie of movies) {
    if (movie.fileId === 0) continue
    const times = random.weighted(timesPlayed)
    for (let time = 0; time < (times > 4 ? random.int(5, 14) : times); time++) {
      const startedAt = lately(random, movie.fileAddedAt, now - movie.work.runtimeMinutes * 60_000)
      plays.push(playOf(random, viewer(random, people), movie, null, 0, startedAt))
    }
  }
  for (const show of shows) {
    const viewers = random.some(people, random.weighted(viewersOfShow))
    for (const person of viewers) {
      // People who start a show seldom finish it, so later seasons have fewer plays.
      const seasons = Math.ceil(random.skewed(0, show.seasons.length, 1.7))
      let startedAt = lately(random, show.addedAt, now)
      for (const season of show.seasons.slice(0, seasons)) {
        startedAt = Math.max(startedAt, season.fileAddedAt)
        const stopsAt = random.chance(0.2) ? random.int(1, season.work.aired) : season.work.aired
        for (let episode = 1; episode <= stopsAt && startedAt < now - show.work.runtimeMinutes * 60_000; episode++) {
          plays.push(playOf(random, person, null, season, episode, Math.floor(startedAt)))
          startedAt += random.between(0.2, 4) * dayMillis
        }
      }
    }
  }
  plays.sort((one, other) => one.startedAt - other.startedAt)
  return plays.map((play, index) => ({ id: index + 1, ...play }))
}

export const playOf = (
  random: SeededRandom,
  person: Person,
  movie: MovieRecord | null,
  season: SeasonRecord | null,
  episode: number,
  startedAt: number
): Omit<Play, "id"> => {
  const runtime = (movie?.work ?? season?.show.work)?.runtimeMinutes ?? 45
  const percent = random.chance(0.88) ? random.int(91, 100) : random.int(8, 84)
  const durationSeconds = Math.round((runtime * 60 * percent) / 100)
  return { person, movie, season, episode, startedAt: Math.floor(startedAt / 1000) * 1000, durationSeconds, percent }
}

/** Requests for a part of the library, and for works that are not in it: pending, declined or failed. */
export const inventRequests = (
  random: SeededRandom,
  people: ReadonlyArray<Person>,
  movies: Iterable<MovieRecord>,
  shows: Iterable<ShowRecord>,
  wanted: { readonly movies: ReadonlyArray<MovieWork>; readonly shows: ReadonlyArray<ShowWork> },
  now: number
): Array<MediaRequest> => {
  const requests: Array<Omit<MediaRequest, "id">> = []
  let mediaId = 0
  const ask = (
    movie: MovieWork | null,
    show: ShowWork | null,
    seasons: ReadonlyArray<number>,
    createdAt: number,
    status: RequestStatus,
    is4k = false
  ) => {
    const askers = random.chance(0.08) ? random.some(people, 2) : [random.pick([people[1] ?? people[0]!, ...people])]
    for (const person of askers) requests.push({ mediaId, person, movie, show, seasons, createdAt, is4k, status })
  }
  for (const movie of movies) {
    if (!random.chance(0.14)) continue
    mediaId++
    const asked = movie.addedAt - random.between(0.01, 6) * dayMillis
    const status = movie.fileId === 0 || random.chance(0.4) ? "approved" : "completed"
    ask(movie.work, null, [], asked, status, movie.work.quality.resolution === "2160p" && movie.id % 2 === 0)
  }
  for (const show of shows) {
    if (!random.chance(0.2)) continue
    mediaId++
    const all = show.seasons.map((season) => season.work.number).filter((number) => number > 0)
    const asked = random.chance(0.6) ? all : all.slice(0, 1)
    ask(
      null,
      show.work,
      asked,
      show.addedAt - random.between(0.01, 6) * dayMillis,
      random.chance(0.4) ? "approved" : "completed"
    )
  }
  for (const work of [...wanted.movies, ...wanted.shows]) {
    mediaId++
    const status = random.weighted<RequestStatus>([
      ["pending", 5],
      ["declined", 3],
      ["failed", 1]
    ])
    const createdAt = now - random.between(0.2, 40) * dayMillis
    if ("seasons" in work)
      ask(
        null,
        work,
        work.seasons.map((season) => season.number).filter((number) => number > 0),
        createdAt,
        status
      )
    else ask(work, null, [], createdAt, status)
  }
  requests.sort((one, other) => one.createdAt - other.createdAt)
  return requests.map((request, index) => ({
    id: index + 1,
    ...request,
    createdAt: Math.floor(request.createdAt / 1000) * 1000
  }))
}

const names = [
  ["marit", "Marit Nordal"],
  ["tobias.k", "Tobias"],
  ["grandma_lou", "Grandma"],
  ["pixelpenguin", "Jonas"],
  ["ines", "Ines Brandt"],
  ["couch-two", "Guest room"]
] as const

const timesPlayed = [
  [0, 48],
  [1, 28],
  [2, 10],
  [3, 6],
  [4, 3],
  [5, 5]
] as const
const viewersOfShow = [
  [0, 42],
  [1, 34],
  [2, 16],
  [3, 8]
] as const

/** The first people watch most. */
const viewer = (random: SeededRandom, people: ReadonlyArray<Person>): Person =>
  people[Math.floor(random.skewed(0, people.length, 1.8))] ?? people[0]!

/** A time since `from`, more likely soon after it than late. */
const lately = (random: SeededRandom, from: number, now: number): number =>
  from + random.next() ** 2 * Math.max(0, now - from)
