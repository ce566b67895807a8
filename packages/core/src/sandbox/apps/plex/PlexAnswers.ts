/** Descriptions of entries by the simulated Plex, and the owner's own state of them. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { hasBit } from "../../world/Masks.ts"
import { creditsOf } from "../../world/Credits.ts"
import { sortTitle, seasonName } from "../../world/Titles.ts"
import type { MovieRecord, Play, Ratings, SeasonRecord, ShowRecord } from "../../world/WorldModel.ts"
import { episodeSize } from "../../world/Works.ts"
import { type AppContext, playsOn } from "../SandboxApp.ts"
import { airDate, episodePath, episodeTitle } from "../arr/SeriesAnswers.ts"
import { libraryOfMovie, libraryOfShow, titled } from "../Libraries.ts"
import {
  episodeKey,
  guidOf,
  keysOf,
  movieKey,
  movieSection,
  type PlexEntry,
  seasonKey,
  showKey,
  showSection
} from "./PlexKeys.ts"
import { isWatchedPlay } from "./PlexHistory.ts"

const creditsAnswer = (title: string) => {
  const { actors, directors, writers } = creditsOf(title)
  return { ...tags("Role", actors), ...tags("Director", directors), ...tags("Writer", writers) }
}

/** Each with an image that shows its source. */
const ratingAnswer = ({ rottenTomatoes, tmdb }: Ratings) => ({
  ...(rottenTomatoes === null
    ? {}
    : { rating: rottenTomatoes / 10, ratingImage: "rottentomatoes://image.rating.ripe" }),
  ...(tmdb === null ? {} : { audienceRating: tmdb, audienceRatingImage: "themoviedb://image.rating" })
})

/** The owner's state of movies and episodes, by rating key. */
export type OwnerViews = ReadonlyMap<number, OwnerView>
interface OwnerView {
  /** Views to the end, and the position of the last unfinished one. */
  readonly count: number
  readonly position: number
  readonly lastAt: number
}

export const ownerViews = (plays: ReadonlyArray<Play>): OwnerViews => {
  const views = new Map<number, OwnerView>()
  for (const play of plays) {
    if (play.person.accountId !== 1) continue
    const [key] = keysOf(play)
    if (key === undefined) continue
    const before = views.get(key)?.count ?? 0
    const watched = isWatchedPlay(play)
    views.set(key, {
      count: before + (watched ? 1 : 0),
      position: watched ? 0 : play.percent / 100,
      lastAt: play.startedAt + play.durationSeconds * 1000
    })
  }
  return views
}

/** An entry in a list: at most two collections and genres, no labels, and no folders. */
export const listedAnswer: typeof entryAnswer = (world, views, entry, guids) => {
  const { Label: _, Location: __, ...whole } = entryAnswer(world, views, entry, guids)
  for (const name of ["Genre", "Collection", "Role", "Director", "Writer"]) {
    const tags = whole[name]
    if (Array.isArray(tags)) whole[name] = tags.slice(0, 2)
  }
  return whole
}

export const entryAnswer = (
  world: SandboxWorld,
  views: OwnerViews,
  entry: PlexEntry,
  guids: boolean
): Record<string, unknown> => {
  if (entry.type === "movie") return movieEntry(world, views, entry.movie, guids)
  if (entry.type === "show") return showEntry(world, views, entry.show, guids)
  if (entry.type === "season") return seasonEntry(world, views, entry.season, guids)
  return episodeEntry(world, views, entry.season, entry.episode, guids)
}

const movieEntry = (world: SandboxWorld, views: OwnerViews, movie: MovieRecord, guids: boolean) => {
  const { work, server } = movie
  const key = movieKey(movie)
  const file = `${movie.rootFolder}/${movie.folder}/${movie.folder} ${work.quality.resolution}.mkv`
  return {
    ratingKey: String(key),
    key: `/library/metadata/${key}`,
    guid: guidOf({ type: "movie", movie }),
    studio: work.studio,
    type: "movie",
    title: work.title,
    ...titleSort(work.title),
    ...placeOf(titled("Movies", libraryOfMovie(movie)), movieSection(movie)),
    ...(work.certification === "" ? {} : { contentRating: work.certification }),
    summary: `What happened in ${work.title}.`,
    ...ratingAnswer(work.ratings),
    ...viewed(world, views, key, work.runtimeMinutes),
    year: work.year,
    thumb: `/library/metadata/${key}/thumb/1700000000`,
    art: `/library/metadata/${key}/art/1700000000`,
    duration: work.runtimeMinutes * 60_000,
    originallyAvailableAt: world.iso(work.releasedAt).slice(0, 10),
    addedAt: world.epoch(movie.fileAddedAt),
    updatedAt: world.epoch(movie.fileAddedAt),
    Media: [media(key, movie.work.quality.resolution, work.sizeBytes, work.runtimeMinutes, file)],
    ...tags("Genre", work.genres),
    ...creditsAnswer(work.title),
    ...tags("Collection", server.collections),
    ...tags("Label", server.labels),
    ...(guids && server.matched ? { Guid: guidList([`imdb://${work.imdbId}`, `tmdb://${work.tmdbId}`]) } : {})
  }
}

const showEntry = (world: SandboxWorld, views: OwnerViews, show: ShowRecord, guids: boolean) => {
  const { work, server } = show
  const key = showKey(show)
  const seasons = show.seasons.filter((season) => season.files !== 0)
  const totals = seasons.map((season) => seasonTotals(views, season))
  const viewedLeafCount = totals.reduce((sum, total) => sum + total.viewed, 0)
  const lastAt = Math.max(0, ...totals.map((total) => total.lastAt))
  return {
    ratingKey: String(key),
    key: `/library/metadata/${key}/children`,
    guid: guidOf({ type: "show", show }),
    studio: work.network,
    type: "show",
    title: work.title,
    ...titleSort(work.title),
    // Its section is in the container.
    contentRating: work.certification,
    summary: `The seasons of ${work.title}.`,
    index: 1,
    ...ratingAnswer(work.ratings),
    ...(viewedLeafCount === 0 ? {} : { viewCount: viewedLeafCount }),
    ...(lastAt === 0 ? {} : { lastViewedAt: world.epoch(lastAt) }),
    year: work.year,
    thumb: `/library/metadata/${key}/thumb/1700000000`,
    art: `/library/metadata/${key}/art/1700000000`,
    duration: work.runtimeMinutes * 60_000,
    originallyAvailableAt: world.iso(work.releasedAt).slice(0, 10),
    leafCount: totals.reduce((sum, total) => sum + total.leaves, 0),
    viewedLeafCount,
    childCount: seasons.length,
    addedAt: world.epoch(show.addedAt),
    updatedAt: world.epoch(show.addedAt),
    ...tags("Genre", work.genres),
    ...creditsAnswer(work.title),
    ...tags("Collection", server.collections),
    ...tags("Label", server.labels),
    Location: [{ path: `${show.rootFolder}/${show.folder}` }],
    ...(guids && server.matched
      ? { Guid: guidList([`imdb://${work.imdbId}`, `tmdb://${work.tmdbId}`, `tvdb://${work.tvdbId}`]) }
      : {})
  }
}

const seasonEntry = (world: SandboxWorld, views: OwnerViews, season: SeasonRecord, guids: boolean) => {
  const { show, work } = season
  const key = seasonKey(season)
  const parent = showKey(show)
  const totals = seasonTotals(views, season)
  return {
    ratingKey: String(key),
    key: `/library/metadata/${key}/children`,
    parentRatingKey: String(parent),
    guid: guidOf({ type: "season", season }),
    parentGuid: guidOf({ type: "show", show }),
    type: "season",
    title: seasonName(work.number),
    ...placeOfShow(show),
    parentKey: `/library/metadata/${parent}`,
    parentTitle: show.work.title,
    parentYear: show.work.year,
    summary: "",
    index: work.number,
    parentIndex: 1,
    ...(totals.viewed === 0 ? {} : { viewCount: totals.viewed }),
    ...(totals.lastAt === 0 ? {} : { lastViewedAt: world.epoch(totals.lastAt) }),
    thumb: `/library/metadata/${key}/thumb/1700000000`,
    art: `/library/metadata/${parent}/art/1700000000`,
    parentThumb: `/library/metadata/${parent}/thumb/1700000000`,
    leafCount: totals.leaves,
    viewedLeafCount: totals.viewed,
    addedAt: world.epoch(season.fileAddedAt),
    updatedAt: world.epoch(season.fileAddedAt),
    // The provider's id of the season, which differs from that of its show.
    ...(guids && show.server.matched ? { Guid: guidList([`tvdb://${6_000_000 + season.block}`]) } : {})
  }
}

const episodeEntry = (
  world: SandboxWorld,
  views: OwnerViews,
  season: SeasonRecord,
  episode: number,
  guids: boolean
) => {
  const { show } = season
  const key = episodeKey(season, episode)
  const parent = seasonKey(season)
  const grandparent = showKey(show)
  const file = `${show.rootFolder}/${show.folder}/${episodePath(season, episode)}`
  return {
    ratingKey: String(key),
    key: `/library/metadata/${key}`,
    parentRatingKey: String(parent),
    grandparentRatingKey: String(grandparent),
    guid: guidOf({ type: "episode", season, episode }),
    parentGuid: guidOf({ type: "season", season }),
    grandparentGuid: guidOf({ type: "show", show }),
    type: "episode",
    title: episodeTitle(episode),
    ...placeOfShow(show),
    grandparentKey: `/library/metadata/${grandparent}`,
    parentKey: `/library/metadata/${parent}`,
    grandparentTitle: show.work.title,
    parentTitle: seasonName(season.work.number),
    contentRating: show.work.certification,
    summary: "",
    index: episode,
    parentIndex: season.work.number,
    ...viewed(world, views, key, show.work.runtimeMinutes),
    year: show.work.year,
    thumb: `/library/metadata/${key}/thumb/1700000000`,
    duration: show.work.runtimeMinutes * 60_000,
    originallyAvailableAt: world.iso(airDate(season, episode)).slice(0, 10),
    addedAt: world.epoch(season.fileAddedAt),
    updatedAt: world.epoch(season.fileAddedAt),
    Media: [
      media(key, show.work.quality.resolution, episodeSize(season.work, episode), show.work.runtimeMinutes, file)
    ],
    ...(guids && show.server.matched ? { Guid: guidList([`tvdb://${5_000_000 + season.block * 32 + episode}`]) } : {})
  }
}

/** Values shared by pages are computed once per state of the world: the owner's state and the last few lists. */
export const derivation = (context: AppContext) => {
  const { world } = context
  let revision = -1
  let views: OwnerViews = new Map()
  let lists = new Map<string, ReadonlyArray<PlexEntry>>()
  return () => {
    if (revision !== world.revision) {
      revision = world.revision
      views = ownerViews(playsOn(context, "plex"))
      lists = new Map()
    }
    const list = (key: string, make: () => ReadonlyArray<PlexEntry>): ReadonlyArray<PlexEntry> => {
      const rows = lists.get(key) ?? make()
      if (lists.size > 8) lists.clear()
      lists.set(key, rows)
      return rows
    }
    return { views, list }
  }
}

/** For the container of single entries: the section of the first one. */
export const sectionAnswer = (entry: PlexEntry): Record<string, unknown> => {
  const { librarySectionKey: _, ...section } =
    entry.type === "movie"
      ? placeOf(titled("Movies", libraryOfMovie(entry.movie)), movieSection(entry.movie))
      : placeOfShow(entry.type === "show" ? entry.show : entry.season.show)
  return section
}

const placeOfShow = (show: ShowRecord) => placeOf(titled("TV Shows", libraryOfShow(show)), showSection(show))

const placeOf = (title: string, section: string) => ({
  librarySectionTitle: title,
  librarySectionID: Number(section),
  librarySectionKey: `/library/sections/${section}`
})

const seasonTotals = (views: OwnerViews, season: SeasonRecord) => {
  let leaves = 0
  let viewedLeaves = 0
  let lastAt = 0
  for (let episode = 1; episode <= season.work.aired; episode++) {
    if (!hasBit(season.files, episode)) continue
    leaves++
    const view = views.get(episodeKey(season, episode))
    if (view === undefined) continue
    if (view.count > 0) viewedLeaves++
    lastAt = Math.max(lastAt, view.lastAt)
  }
  return { leaves, viewed: viewedLeaves, lastAt }
}

const viewed = (world: SandboxWorld, views: OwnerViews, key: number, minutes: number) => {
  const view = views.get(key)
  if (view === undefined) return {}
  return {
    ...(view.count === 0 ? {} : { viewCount: view.count }),
    ...(view.position === 0 ? {} : { viewOffset: Math.round(view.position * minutes * 60_000) }),
    lastViewedAt: world.epoch(view.lastAt)
  }
}

const media = (key: number, resolution: string, size: number, minutes: number, file: string) => ({
  id: key + 500_000_000,
  duration: minutes * 60_000,
  bitrate: Math.round((size * 8) / (minutes * 60) / 1000),
  container: "mkv",
  videoResolution: resolution === "2160p" ? "4k" : resolution.slice(0, -1),
  Part: [
    {
      id: key + 600_000_000,
      key: `/library/parts/${key + 600_000_000}/1700000000/file.mkv`,
      duration: minutes * 60_000,
      file,
      size,
      container: "mkv"
    }
  ]
})

const tags = (name: string, values: Iterable<string>): Record<string, ReadonlyArray<{ readonly tag: string }>> => {
  const list = [...values].map((tag) => ({ tag }))
  return list.length === 0 ? {} : { [name]: list }
}

const titleSort = (title: string) => (/^(the|a|an) /i.test(title) ? { titleSort: capital(sortTitle(title)) } : {})
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const guidList = (ids: ReadonlyArray<string>) => ids.map((id) => ({ id }))
