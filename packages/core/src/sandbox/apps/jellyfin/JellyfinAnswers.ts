/** How the simulated Jellyfin describes an item. What was not asked for by name is left out, as it does. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { episodeSize } from "../../world/Works.ts"
import { sortTitle } from "../../world/Titles.ts"
import type { Person } from "../../world/WorldModel.ts"
import { airDate, episodePath, episodeTitle } from "../arr/SeriesAnswers.ts"
import { addedAt, type PlexEntry, seasonKey, showKey, stateOf, workOf } from "../plex/PlexKeys.ts"
import { type JellyfinKeys, keyOfEntry, libraries } from "./JellyfinKeys.ts"
import type { JellyfinUserData } from "./JellyfinUserData.ts"

/** An item, or a collection of some. */
export type JellyfinEntry = PlexEntry | { readonly type: "collection"; readonly title: string }

export const typeNames = {
  movie: "Movie",
  show: "Series",
  season: "Season",
  episode: "Episode",
  collection: "BoxSet"
} as const

export interface Describing {
  readonly world: SandboxWorld
  readonly keys: JellyfinKeys
  readonly userData: JellyfinUserData
  readonly person: Person | undefined
  /** Fields that were asked for; `null` = all. */
  readonly fields: ReadonlySet<string> | null
}

export const itemAnswer = (context: Describing, entry: JellyfinEntry): Record<string, unknown> => {
  const { keys, person, userData, world } = context
  const asked = (field: string, value: unknown) =>
    context.fields === null || context.fields.has(field) ? { [field]: value } : {}
  if (entry.type === "collection") {
    return {
      Name: entry.title,
      ServerId: keys.server,
      Id: keys.collection(entry.title),
      ...asked("DateCreated", world.iso(world.startedAt)),
      ...asked("SortName", entry.title.toLowerCase()),
      ...asked("ParentId", keys.item(libraries.collections)),
      ...asked("ProviderIds", {}),
      ...asked("Tags", []),
      ...asked("Genres", []),
      IsFolder: true,
      Type: "BoxSet",
      LocationType: "FileSystem",
      MediaType: "Unknown"
    }
  }
  const work = workOf(entry)
  const { matched, labels } = stateOf(entry)
  const file = fileOf(entry)
  const folder = entry.type === "show" || entry.type === "season"
  const key = keyOfEntry(entry)
  return {
    Name: nameOf(entry),
    ServerId: keys.server,
    Id: keys.item(key),
    ...asked("DateCreated", world.iso(addedAt(entry))),
    ...asked("SortName", entry.type === "movie" || entry.type === "show" ? sortTitle(work.title) : nameOf(entry)),
    PremiereDate: world.iso(entry.type === "episode" ? airDate(entry.season, entry.episode) : work.releasedAt),
    ...asked("Path", file.path),
    ...(work.certification === "" ? {} : { OfficialRating: work.certification }),
    ...(work.ratings.tmdb === null ? {} : { CommunityRating: work.ratings.tmdb }),
    ...asked("Overview", `What happens in ${work.title}.`),
    ...asked("Genres", work.genres),
    ...(folder ? {} : { RunTimeTicks: work.runtimeMinutes * 600_000_000 }),
    ProductionYear: work.year,
    ...placeOf(keys, entry),
    ...asked("ProviderIds", matched ? providerIds(entry) : {}),
    ...asked("ParentId", keys.item(parentOf(entry))),
    // Tags hang on the movie, or on the show as a whole.
    ...asked("Tags", entry.type === "movie" || entry.type === "show" ? [...labels] : []),
    ...(folder ? {} : asked("MediaSources", [mediaSource(keys.item(key), file.path, file.size)])),
    ...(person === undefined ? {} : { UserData: userData.answer(person, entry) }),
    IsFolder: folder,
    Type: typeNames[entry.type],
    ImageTags: { Primary: keys.item(key).slice(-16) },
    LocationType: "FileSystem",
    MediaType: folder ? "Unknown" : "Video"
  }
}

const nameOf = (entry: PlexEntry): string => {
  if (entry.type === "season") return `Season ${entry.season.work.number}`
  return entry.type === "episode" ? episodeTitle(entry.episode) : workOf(entry).title
}

const placeOf = (keys: JellyfinKeys, entry: PlexEntry) => {
  if (entry.type === "movie" || entry.type === "show") return {}
  const { show } = entry.season
  const series = { SeriesName: show.work.title, SeriesId: keys.item(showKey(show)) }
  const { number } = entry.season.work
  return entry.type === "season"
    ? { IndexNumber: number, ...series }
    : {
        IndexNumber: entry.episode,
        ParentIndexNumber: number,
        ...series,
        SeasonId: keys.item(seasonKey(entry.season)),
        SeasonName: `Season ${number}`
      }
}

const parentOf = (entry: PlexEntry): number => {
  if (entry.type === "movie") return libraries.movies
  if (entry.type === "show") return libraries.shows
  return entry.type === "season" ? showKey(entry.season.show) : seasonKey(entry.season)
}

/** Seasons and episodes carry the providers' numbers of themselves, which are not those of their show. */
const providerIds = (entry: PlexEntry): Record<string, string> => {
  if (entry.type === "movie") return { Tmdb: String(entry.movie.work.tmdbId), Imdb: entry.movie.work.imdbId }
  if (entry.type === "show") {
    const { imdbId, tmdbId, tvdbId } = entry.show.work
    return { Tvdb: String(tvdbId), Tmdb: String(tmdbId), Imdb: imdbId }
  }
  return entry.type === "season"
    ? { Tvdb: String(6_000_000 + entry.season.block) }
    : { Tvdb: String(5_000_000 + entry.season.block * 32 + entry.episode) }
}

const fileOf = (entry: PlexEntry): { readonly path: string; readonly size: number } => {
  if (entry.type === "movie") {
    const { folder, rootFolder, work } = entry.movie
    return { path: `${rootFolder}/${folder}/${folder} ${work.quality.resolution}.mkv`, size: work.sizeBytes }
  }
  const show = entry.type === "show" ? entry.show : entry.season.show
  const folder = `${show.rootFolder}/${show.folder}`
  if (entry.type === "show") return { path: folder, size: 0 }
  return entry.type === "season"
    ? { path: `${folder}/Season ${entry.season.work.number}`, size: 0 }
    : {
        path: `${folder}/${episodePath(entry.season, entry.episode)}`,
        size: episodeSize(entry.season.work, entry.episode)
      }
}

const mediaSource = (id: string, path: string, size: number) => ({
  Protocol: "File",
  Id: id,
  Path: path,
  Type: "Default",
  Container: "mkv",
  Size: size,
  IsRemote: false
})
