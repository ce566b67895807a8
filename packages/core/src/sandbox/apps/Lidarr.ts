/**
 * A simulated Lidarr: its API v1 over the world's artists and albums. An album that is deleted alone comes back when its
 * artist is refreshed, unless it is excluded, as in life.
 */
import { Schema } from "effect"
import { musicRoot } from "../world/Music.ts"
import type { AlbumRecord, ArtistRecord } from "../world/MusicModel.ts"
import { albumRoutes } from "./arr/AlbumRoutes.ts"
import {
  arrAuthorized,
  arrBadBody,
  arrBody,
  arrFailure,
  arrFlag,
  arrInvalid,
  arrMissingRows,
  arrNoRoute,
  arrNotFound,
  arrUnauthorized,
  optional,
  unknownKeys
} from "./arr/ArrReplies.ts"
import { type ArrEvent, arrRoutes, editTags, numbersIn, unknownProfile } from "./arr/ArrRoutes.ts"
import { artistAnswer, artistWorkAnswer, metadataProfiles, musicProfiles, musicQuality } from "./arr/MusicAnswers.ts"
import { poster } from "./Poster.ts"
import { json, wholeList } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

const api = "/api/v1"

export const lidarr: SandboxApp = {
  kind: "lidarr",
  name: "Lidarr",
  config: (apiKey) => ({ apiKey }),
  authorized: arrAuthorized,
  unauthorized: arrUnauthorized,
  notFound: arrNoRoute,
  routes: (context) => [
    ...arrRoutes(context, {
      appName: "Lidarr",
      version: "2.14.5.4836",
      api,
      root: {
        path: musicRoot,
        more: {
          name: "Music",
          defaultMetadataProfileId: 1,
          defaultQualityProfileId: 1,
          defaultMonitorOption: "all",
          defaultNewItemMonitorOption: "all",
          defaultTags: []
        }
      },
      profiles: musicProfiles,
      tags: context.world.music.tags,
      tagged: (tagId) => ({
        artistIds: [...context.world.music.artists.values()]
          .filter((artist) => artist.tags.includes(tagId))
          .map((artist) => artist.id)
      }),
      command: (name, body) => runCommand(context, name, body),
      history: () => history(context)
    }),
    route("GET", `${api}/metadataprofile`, (call) => json(call, metadataProfiles)),
    ...artistRoutes(context),
    ...albumRoutes(context, api),
    ...exclusionRoutes(context)
  ]
}

const artistRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { music } = context.world
  const found = (call: Call) => music.artists.get(Number(call.params["id"]))
  const missing = (call: Call) => arrNotFound(call, `Artist with ID ${call.params["id"]} does not exist`)
  const chosen = (ids: ReadonlyArray<number>) => ids.flatMap((id) => music.artists.get(id) ?? [])

  return [
    route("GET", `${api}/artist`, (call) => {
      const mbId = call.query.get("mbId")
      const rows = [...music.artists.values()].filter((artist) => mbId === null || artist.work.mbId === mbId)
      return wholeList(call, { before: "[", after: "]", rows, render: (artist) => artistAnswer(context, call, artist) })
    }),
    route("GET", `${api}/artist/lookup`, (call) => {
      const work = music.known(/^lidarr:([\da-f-]+)$/.exec(call.query.get("term") ?? "")?.[1] ?? "")
      return json(call, work === undefined ? [] : [artistWorkAnswer(work)])
    }),
    route("GET", `${api}/artist/:id`, (call) => {
      const artist = found(call)
      return artist === undefined ? missing(call) : json(call, artistAnswer(context, call, artist))
    }),
    route("POST", `${api}/artist`, async (call) => {
      const body = await arrBody(call, ArtistBody)
      if (body === undefined) return arrBadBody(call)
      const { addOptions, foreignArtistId = "", qualityProfileId = 0, metadataProfileId = 0 } = body.value
      const work = music.known(foreignArtistId)
      if (work === undefined) {
        return arrInvalid(call, "ForeignArtistId", "An artist with this ID was not found", foreignArtistId)
      }
      if (music.artistOf(foreignArtistId) !== undefined) {
        return arrInvalid(call, "ForeignArtistId", "This artist has already been added.", foreignArtistId)
      }
      const root = body.value.rootFolderPath ?? ""
      if (root.replace(/\/$/, "") !== musicRoot) {
        return arrInvalid(call, "RootFolderPath", `Root folder '${root}' does not exist`, root)
      }
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      if (!metadataProfiles.some((profile) => profile.id === metadataProfileId)) {
        return arrInvalid(call, "MetadataProfileId", "Metadata profile does not exist", metadataProfileId)
      }
      const named = addOptions?.albumsToMonitor ?? []
      const artist = music.addArtist(
        work,
        {
          rootFolder: musicRoot,
          qualityProfileId,
          metadataProfileId,
          monitored: body.value.monitored ?? false,
          monitorNewItems: body.value.monitorNewItems ?? "all",
          tags: body.value.tags ?? []
        },
        named.length > 0 ? new Set(named) : addOptions?.monitor === "none" ? "none" : "all"
      )
      if (addOptions?.searchForMissingAlbums === true) searchArtist(context, artist)
      return json(call, artistAnswer(context, call, artist), 201)
    }),
    // As in the original, the whole resource comes: what is left out falls back to its default.
    route("PUT", `${api}/artist/:id`, async (call) => {
      const artist = found(call)
      const body = await arrBody(call, ArtistBody)
      if (artist === undefined) return missing(call)
      if (body === undefined) return arrBadBody(call)
      const { path, qualityProfileId = 0 } = body.value
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      if (path === undefined || path === null) return arrInvalid(call, "Path", "'Path' must not be empty.")
      artist.monitored = body.value.monitored ?? false
      artist.monitorNewItems = body.value.monitorNewItems ?? "all"
      artist.qualityProfileId = qualityProfileId
      artist.metadataProfileId = body.value.metadataProfileId ?? 0
      artist.tags = body.value.tags ?? []
      artist.extra = unknownKeys(body.raw, artistAnswer(context, call, { ...artist, extra: {} }))
      context.world.revision++
      return json(call, artistAnswer(context, call, artist), 202)
    }),
    route("DELETE", `${api}/artist/:id`, (call) => {
      const artist = found(call)
      if (artist === undefined) return missing(call)
      return remove(
        context,
        call,
        [artist],
        arrFlag(call.query, "deleteFiles"),
        arrFlag(call.query, "addImportListExclusion")
      )
    }),
    route("PUT", `${api}/artist/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const artists = chosen(body.value.artistIds)
      if (artists.length < body.value.artistIds.length)
        return arrMissingRows(call, body.value.artistIds.length, artists.length)
      for (const artist of artists) {
        artist.monitored = body.value.monitored ?? artist.monitored
        artist.qualityProfileId = body.value.qualityProfileId ?? artist.qualityProfileId
        artist.tags = editTags(artist.tags, body.value.tags ?? null, body.value.applyTags ?? "add")
      }
      context.world.revision++
      return json(
        call,
        artists.map((artist) => artistAnswer(context, call, artist)),
        202
      )
    }),
    route("DELETE", `${api}/artist/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const artists = chosen(body.value.artistIds)
      if (artists.length < body.value.artistIds.length)
        return arrMissingRows(call, body.value.artistIds.length, artists.length)
      return remove(context, call, artists, body.value.deleteFiles ?? false, body.value.addImportListExclusion ?? false)
    }),
    // Stands for the metadata provider, where posters and covers are open to all.
    openRoute("GET", "/art/:mbId/:file", (call) => {
      const mbId = call.params["mbId"] ?? ""
      const artist = music.known(mbId)
      if (artist !== undefined) return poster(artist.name, yearOf(artist.albums[0]?.releasedAt ?? 0))
      const album = [...music.albums.values()].find((each) => each.work.mbId === mbId)
      return album === undefined ? arrNotFound(call) : poster(album.work.title, yearOf(album.work.releasedAt))
    })
  ]
}

const exclusionRoutes = ({ world: { music } }: AppContext): ReadonlyArray<Route> => [
  route("GET", `${api}/importlistexclusion`, (call) => json(call, [...music.exclusions.values()])),
  route("GET", `${api}/importlistexclusion/:id`, (call) => {
    const found = music.exclusions.get(Number(call.params["id"]))
    return found === undefined ? arrNotFound(call) : json(call, found)
  }),
  route("POST", `${api}/importlistexclusion`, async (call) => {
    const body = await arrBody(call, ExclusionBody)
    if (body === undefined) return arrBadBody(call)
    const { artistName, foreignId } = body.value
    if ([...music.exclusions.values()].some((exclusion) => exclusion.foreignId === foreignId)) {
      return arrInvalid(call, "ForeignId", "This exclusion has already been added.", foreignId)
    }
    return json(call, music.exclude(foreignId, artistName), 201)
  }),
  route("DELETE", `${api}/importlistexclusion/:id`, (call) =>
    music.exclusions.delete(Number(call.params["id"])) ? json(call, {}) : arrNotFound(call)
  )
]

const remove = (
  { world: { music } }: AppContext,
  call: Call,
  artists: ReadonlyArray<ArtistRecord>,
  deleteFiles: boolean,
  exclude: boolean
): Response =>
  destroy(
    call,
    ({ freesBytes }) => {
      for (const artist of artists) {
        music.removeArtist(artist, { deleteFiles, freesBytes })
        if (exclude) music.exclude(artist.work.mbId, artist.work.name)
      }
    },
    () => json(call, {}),
    () => arrFailure(call, "database is locked")
  )

const searchArtist = ({ world: { music } }: AppContext, artist: ArtistRecord): void => {
  if (artist.monitored) for (const album of artist.albums) music.search(album)
}

const runCommand = (context: AppContext, name: string, body: Readonly<Record<string, unknown>>): boolean => {
  const { music } = context.world
  const artist = typeof body["artistId"] === "number" ? music.artists.get(body["artistId"]) : undefined
  const artists = artist === undefined ? [...music.artists.values()] : [artist]
  if (name === "ArtistSearch" && artist !== undefined) searchArtist(context, artist)
  if (name === "MissingAlbumSearch") for (const each of artists) searchArtist(context, each)
  if (name === "AlbumSearch") {
    for (const id of numbersIn(body["albumIds"])) {
      const album = music.albums.get(id)
      if (album !== undefined) music.search(album)
    }
  }
  if (name === "RefreshArtist") for (const each of artists) music.refresh(each)
  return commandNames.has(name)
}

const commandNames = new Set([
  "ArtistSearch",
  "AlbumSearch",
  "MissingAlbumSearch",
  "CutoffUnmetAlbumSearch",
  "RefreshArtist",
  "BulkRefreshArtist",
  "RescanFolders",
  "RenameArtist",
  "RenameFiles",
  "RetagArtist",
  "RetagFiles",
  "RefreshMonitoredDownloads",
  "ProcessMonitoredDownloads",
  "RssSync",
  "ImportListSync",
  "CleanUpRecycleBin",
  "Backup",
  "CheckHealth"
])

/** One event for an album. */
const history = ({ world: { music } }: AppContext): ReadonlyArray<ArrEvent> => {
  const event = (
    album: AlbumRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    record: () => ({
      albumId: album.id,
      artistId: album.artist.id,
      trackId: 0,
      sourceTitle: `${album.artist.work.name} - ${album.work.title}`,
      quality: musicQuality(album.work),
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      eventType,
      data
    })
  })
  const imports = [...music.albums.values()]
    .filter((album) => album.files !== 0)
    .map((album) => event(album, album.fileAddedAt, "downloadImported", {}))
  const deletions = music.deletions.map(({ album, at }) => event(album, at, "trackFileDeleted", { reason: "Manual" }))
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}

const isProfile = (id: number): boolean => musicProfiles.some((profile) => profile.id === id)
const yearOf = (at: number): number => new Date(at).getUTCFullYear()

const ArtistBody = Schema.Struct({
  foreignArtistId: Schema.optionalKey(Schema.String),
  qualityProfileId: Schema.optionalKey(Schema.Int),
  metadataProfileId: Schema.optionalKey(Schema.Int),
  rootFolderPath: optional(Schema.String),
  path: optional(Schema.String),
  monitored: Schema.optionalKey(Schema.Boolean),
  monitorNewItems: Schema.optionalKey(Schema.String),
  tags: optional(Schema.Array(Schema.Int)),
  addOptions: optional(
    Schema.Struct({
      monitor: Schema.optionalKey(Schema.String),
      albumsToMonitor: optional(Schema.Array(Schema.String)),
      searchForMissingAlbums: Schema.optionalKey(Schema.Boolean)
    })
  )
})
const EditorBody = Schema.Struct({
  artistIds: Schema.Array(Schema.Int),
  monitored: optional(Schema.Boolean),
  qualityProfileId: optional(Schema.Int),
  tags: optional(Schema.Array(Schema.Int)),
  applyTags: Schema.optionalKey(Schema.Literals(["add", "remove", "replace"])),
  deleteFiles: Schema.optionalKey(Schema.Boolean),
  addImportListExclusion: Schema.optionalKey(Schema.Boolean)
})
const ExclusionBody = Schema.Struct({ foreignId: Schema.String, artistName: Schema.String })
