/** The movies and shows of a Jellyfin or Emby server with their files, for entries that no manager knows. */
import { Effect } from "effect"
import type { Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogItem } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { identified } from "../OneItem.ts"
import { movieItem, numbered, seasonIn, type ServerFile, type ServerSeason, showItems } from "../ServerVideos.ts"
import { distinctTexts, folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"
import type { Library, Video } from "./Responses.ts"
import { holdsNoVideo, idsOf } from "./ServerItems.ts"

export const readCatalog = Effect.fn("MediaBrowser.readCatalog")(function* (
  server: MediaBrowser,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const libraries = yield* server.libraries
  // One folder may belong to several libraries.
  const videos = new Map<string, Video>()
  for (const { CollectionType, ItemId } of libraries) {
    if (ItemId === null || ItemId === undefined || holdsNoVideo.has(CollectionType ?? "")) continue
    const before = videos.size
    for (const video of yield* server.videosIn(ItemId, (done) => progress(before + done, null))) {
      videos.set(video.Id, video)
    }
  }
  return itemsOf([...videos.values()], rootsOf(libraries))
})

/** The movie, or the show with its seasons; empty if the server no longer has it. */
export const rereadCatalog = Effect.fn("MediaBrowser.rereadCatalog")(function* (
  server: (odd: OddRecords) => MediaBrowser,
  probe: Effect.Effect<unknown, UpstreamError>,
  integration: string,
  { externalId, kind }: Pick<RemovalTarget, "externalId" | "kind">,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const whole = seasonIn(externalId)?.show ?? externalId
  return yield* identified(integration, "GET Items", odd, (own) =>
    Effect.gen(function* () {
      const reads = server(own)
      let found = yield* reads.videosWith([whole])
      if (found.length === 0) {
        // That it is gone must be the answer of the server itself, twice.
        yield* probe
        found = yield* reads.videosWith([whole])
      }
      const videos = found.filter(({ Id }) => Id === whole)
      if (videos.length === 0) return []
      const parts = kind === "movie" ? [] : yield* reads.videosIn(whole, () => Effect.void)
      return itemsOf(
        [...videos, ...parts.filter(({ SeriesId }) => SeriesId === whole)],
        rootsOf(yield* reads.libraries)
      )
    })
  )
})

/** The server's key of an item; `null` if it no longer has it. */
export const keyOf = Effect.fn("MediaBrowser.keyOf")(function* (
  server: (odd: OddRecords) => MediaBrowser,
  integration: string,
  { externalId }: Pick<RemovalTarget, "externalId">,
  odd: OddRecords
): Effect.fn.Return<string | null, UpstreamError> {
  const season = seasonIn(externalId)
  if (season === null) return externalId
  const parts = yield* identified(integration, "GET Items", odd, (own) =>
    server(own).videosIn(season.show, () => Effect.void)
  )
  const seasons = parts.filter(({ SeriesId, Type }) => Type === "Season" && SeriesId === season.show)
  const found = numbered(seasons, ({ IndexNumber }) => IndexNumber).find(([number]) => number === season.number)
  return found?.[1].Id ?? null
})

const itemsOf = (videos: ReadonlyArray<Video>, roots: ReadonlyArray<string>): ReadonlyArray<CatalogItem> => {
  const parts = new Map<string, Array<Video>>()
  for (const video of videos) {
    if (video.Type !== "Season" && video.Type !== "Episode") continue
    const show = video.SeriesId ?? ""
    const before = parts.get(show)
    if (before === undefined) parts.set(show, [video])
    else before.push(video)
  }
  return videos.flatMap((video) =>
    video.Type === "Movie"
      ? asMovie(video, roots)
      : video.Type === "Series"
        ? asShow(video, parts.get(video.Id) ?? [], roots)
        : []
  )
}

const asMovie = (movie: Video, roots: ReadonlyArray<string>): ReadonlyArray<CatalogItem> => {
  const files = filesOf(movie)
  if (files.length === 0) return []
  const folders = distinctTexts(files.map(({ path }) => folderOf(path)))
  const folder = folders.length === 1 ? (folders[0] ?? null) : null
  return [
    movieItem({
      ...about(movie, "movie", roots),
      externalId: movie.Id,
      files,
      // The server deletes the folder of a movie with it.
      folder: folder !== null && roots.some((root) => root.replace(/[/\\]+$/, "") === folder) ? null : folder
    })
  ]
}

const asShow = (show: Video, parts: ReadonlyArray<Video>, roots: ReadonlyArray<string>): ReadonlyArray<CatalogItem> => {
  const folder = textOrNull(show.Path)
  if (folder === null) return []
  const episodes = parts.filter(({ Type }) => Type === "Episode")
  // The server deletes the folder of a season: without one, nothing would be deleted.
  const seasons = parts.filter(({ Path, Type }) => {
    const own = textOrNull(Path)
    return Type === "Season" && own !== null && own !== folder
  })
  return showItems({
    ...about(show, "show", roots),
    externalId: show.Id,
    folders: [folder],
    files: episodes.flatMap(filesOf),
    seasons: numbered(seasons, ({ IndexNumber }) => IndexNumber).map(([number, season]): ServerSeason => ({
      number,
      addedAt: isoOrNull(season.DateCreated),
      files: episodes.filter(({ SeasonId }) => SeasonId === season.Id).flatMap(filesOf)
    }))
  })
}

const about = (video: Video, kind: "movie" | "show", rootFolders: ReadonlyArray<string>) => ({
  title: video.Name ?? "",
  year: positiveOrNull(video.ProductionYear),
  ids: idsOf(kind, video),
  addedAt: isoOrNull(video.DateCreated),
  runtimeMinutes:
    kind === "show" || video.RunTimeTicks == null ? null : Math.round(video.RunTimeTicks / ticksPerMinute),
  rootFolders
})

const ticksPerMinute = 600_000_000

/** An episode that is only announced has no file. */
const filesOf = ({ MediaSourceCount, MediaSources, Path }: Video): ReadonlyArray<ServerFile> => {
  const listed = (MediaSources ?? []).flatMap((source): ReadonlyArray<ServerFile> => {
    const path = textOrNull(source.Path)
    return path === null ? [] : [{ path, sizeBytes: positiveOrNull(source.Size) }]
  })
  const own = textOrNull(Path)
  if (listed.length === 0) return own === null ? [] : [{ path: own, sizeBytes: null }]
  const isWhole = listed.length >= (MediaSourceCount ?? 1)
  return isWhole ? listed : listed.map((file) => ({ ...file, sizeBytes: null }))
}

const rootsOf = (libraries: ReadonlyArray<Library>): ReadonlyArray<string> =>
  distinctTexts(libraries.flatMap(({ Locations }) => Locations ?? []))
