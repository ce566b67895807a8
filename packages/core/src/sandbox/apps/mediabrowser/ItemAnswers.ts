/**
 * Descriptions of items by a simulated Jellyfin or Emby. As in the original, fields that are not requested by name are
 * omitted.
 */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { episodeSize } from "../../world/Works.ts"
import { creditsOf } from "../../world/Credits.ts"
import { sortTitle, seasonName } from "../../world/Titles.ts"
import type { Person } from "../../world/WorldModel.ts"
import { airDate, episodePath, episodeTitle } from "../arr/SeriesAnswers.ts"
import { addedAt, type PlexEntry, seasonKey, showKey, stateOf, workOf } from "../plex/PlexKeys.ts"
import { libraryOfMovie, libraryOfShow } from "../Libraries.ts"
import { collectionsLibrary, keyOfEntry, libraryNumber, type MediaBrowserKeys } from "./MediaBrowserKeys.ts"
import type { UserData } from "./UserData.ts"

/** An item, or a collection of some. */
export type ServerEntry = PlexEntry | { readonly type: "collection"; readonly title: string }

export const typeNames = {
  movie: "Movie",
  show: "Series",
  season: "Season",
  episode: "Episode",
  collection: "BoxSet"
} as const

/** The differences between the two servers of common origin. */
export interface Product {
  /** Id of the kind whose plays it reports. */
  readonly kind: string
  /** Whether an item contains its position among others, and its last play, only if they are requested. */
  readonly tellsLittle: boolean
  /** Its format of tags. */
  readonly tags: (labels: ReadonlyArray<string>) => Readonly<Record<string, unknown>>
}

export interface Describing {
  readonly world: SandboxWorld
  readonly keys: MediaBrowserKeys
  readonly userData: UserData
  readonly person: Person | undefined
  /** Requested fields; `null` = all. */
  readonly fields: ReadonlySet<string> | null
  readonly product: Product
}

export const itemAnswer = (context: Describing, entry: ServerEntry): Record<string, unknown> => {
  const { keys, world } = context
  const asks = (field: string) => context.fields === null || context.fields.has(field)
  const asked = (field: string, value: unknown) => (asks(field) ? { [field]: value } : {})
  if (entry.type === "collection") {
    return {
      Name: entry.title,
      ServerId: keys.server,
      Id: keys.collection(entry.title),
      ...asked("DateCreated", world.iso(world.startedAt)),
      ...asked("SortName", entry.title.toLowerCase()),
      ...asked("ParentId", keys.item(collectionsLibrary)),
      ...asked("ProviderIds", {}),
      ...(asks("Tags") ? context.product.tags([]) : {}),
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
    ...(work.ratings.tmdb === null ? {} : onlyAsked(context, { CommunityRating: work.ratings.tmdb })),
    ...(work.ratings.rottenTomatoes === null ? {} : onlyAsked(context, { CriticRating: work.ratings.rottenTomatoes })),
    ...asked("People", entry.type === "movie" || entry.type === "show" ? peopleOf(work.title) : []),
    ...asked("Studios", [{ Name: "studio" in work ? work.studio : work.network, Id: keys.item(key) }]),
    ...asked("Overview", `What happens in ${work.title}.`),
    ...asked("Genres", work.genres),
    ...(folder ? {} : { RunTimeTicks: work.runtimeMinutes * 600_000_000 }),
    ...(context.product.tellsLittle ? asked("ProductionYear", work.year) : { ProductionYear: work.year }),
    ...onlyAsked(context, placeOf(keys, entry)),
    ...asked("ProviderIds", matched ? providerIds(entry) : {}),
    ...asked("ParentId", keys.item(parentOf(entry))),
    // Tags belong to the movie, or to the show as a whole.
    ...(asks("Tags") ? context.product.tags(entry.type === "movie" || entry.type === "show" ? [...labels] : []) : {}),
    ...(folder ? {} : asked("MediaSources", [mediaSource(keys.item(key), file.path, file.size)])),
    ...userDataOf(context, entry),
    IsFolder: folder,
    Type: typeNames[entry.type],
    ImageTags: { Primary: keys.item(key).slice(-16) },
    LocationType: "FileSystem",
    MediaType: folder ? "Unknown" : "Video"
  }
}

const peopleOf = (title: string) => {
  const { actors, directors, writers } = creditsOf(title)
  const people = (Type: string, names: ReadonlyArray<string>) => names.map((Name) => ({ Name, Type }))
  return [...people("Actor", actors), ...people("Director", directors), ...people("Writer", writers)]
}

/** Without a user there is no history: such a list reports everything as never played. */
const userDataOf = (context: Describing, entry: PlexEntry): Readonly<Record<string, unknown>> => {
  const { fields, person, product, userData } = context
  if (person === undefined) return product.tellsLittle ? { UserData: { ...untouched } } : {}
  const { LastPlayedDate, PlayCount, ...rest } = userData.answer(person, entry)
  if (!product.tellsLittle || fields === null) return { UserData: userData.answer(person, entry) }
  return {
    UserData: {
      ...rest,
      PlayCount: fields.has("UserDataPlayCount") ? PlayCount : 0,
      ...(fields.has("UserDataLastPlayedDate") && LastPlayedDate !== undefined ? { LastPlayedDate } : {})
    }
  }
}

const untouched = { PlaybackPositionTicks: 0, PlayCount: 0, IsFavorite: false, Played: false }

/** The requested ones of these values, if the server omits others. */
const onlyAsked = ({ fields, product }: Describing, values: Readonly<Record<string, unknown>>) =>
  product.tellsLittle && fields !== null
    ? Object.fromEntries(Object.entries(values).filter(([key]) => fields.has(key)))
    : values

const nameOf = (entry: PlexEntry): string => {
  if (entry.type === "season") return seasonName(entry.season.work.number)
  return entry.type === "episode" ? episodeTitle(entry.episode) : workOf(entry).title
}

const placeOf = (keys: MediaBrowserKeys, entry: PlexEntry) => {
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
        SeasonName: seasonName(number)
      }
}

const parentOf = (entry: PlexEntry): number => {
  if (entry.type === "movie") return libraryNumber({ type: "movie", index: libraryOfMovie(entry.movie) })
  if (entry.type === "show") return libraryNumber({ type: "show", index: libraryOfShow(entry.show) })
  return entry.type === "season" ? showKey(entry.season.show) : seasonKey(entry.season)
}

/** Seasons and episodes have their own provider ids, which differ from those of their show. */
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
