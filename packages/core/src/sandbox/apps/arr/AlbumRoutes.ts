/** The simulated Lidarr's albums, tracks and their files. */
import { Schema } from "effect"
import { fullMask } from "../../world/Generate.ts"
import type { AlbumRecord } from "../../world/MusicModel.ts"
import { json, queryInt, queryInts, wholeList } from "../Reply.ts"
import { type AppContext, type Call, destroy, route, type Route } from "../SandboxApp.ts"
import { arrBadBody, arrBody, arrFailure, arrFlag, arrNotFound } from "./ArrReplies.ts"
import { albumAnswer, trackAnswer, trackFileAnswer, tracksOf, tracksWithFiles } from "./MusicAnswers.ts"

export const albumRoutes = (context: AppContext, api: string): ReadonlyArray<Route> => {
  const { music } = context.world
  const found = (call: Call) => music.albums.get(Number(call.params["id"]))

  /** The albums that a query names, by artist, by their own ids, or all. */
  const named = (query: URLSearchParams): ReadonlyArray<AlbumRecord> => {
    const artistId = queryInt(query, "artistId", 0)
    if (artistId !== 0) return music.artists.get(artistId)?.albums ?? []
    const ids = [...queryInts(query, "albumIds"), ...queryInts(query, "albumId")]
    if (ids.length > 0) return ids.flatMap((id) => music.albums.get(id) ?? [])
    const foreignId = query.get("foreignAlbumId")
    return [...music.albums.values()].filter((album) => foreignId === null || album.work.mbId === foreignId)
  }

  const fileOf = (id: number) => music.trackOfFile(id)

  return [
    route("GET", `${api}/album`, (call) =>
      wholeList(call, {
        before: "[",
        after: "]",
        rows: named(call.query),
        render: (album) => albumAnswer(context, call, album, false)
      })
    ),
    route("GET", `${api}/album/:id`, (call) => {
      const album = found(call)
      return album === undefined ? arrNotFound(call) : json(call, albumAnswer(context, call, album, true))
    }),
    route("PUT", `${api}/album/monitor`, async (call) => {
      const body = await arrBody(call, MonitorBody)
      if (body === undefined) return arrBadBody(call)
      const albums = body.value.albumIds.flatMap((id) => music.albums.get(id) ?? [])
      for (const album of albums) album.monitored = body.value.monitored
      context.world.revision++
      return json(
        call,
        albums.map((album) => albumAnswer(context, call, album, false)),
        202
      )
    }),
    route("PUT", `${api}/album/:id`, async (call) => {
      const album = found(call)
      const body = await arrBody(call, Schema.Struct({ monitored: Schema.optionalKey(Schema.Boolean) }))
      if (album === undefined) return arrNotFound(call)
      if (body === undefined) return arrBadBody(call)
      album.monitored = body.value.monitored ?? false
      context.world.revision++
      return json(call, albumAnswer(context, call, album, true), 202)
    }),
    route("DELETE", `${api}/album/:id`, (call) => {
      const album = found(call)
      if (album === undefined) return arrNotFound(call)
      const deleteFiles = arrFlag(call.query, "deleteFiles")
      const exclude = arrFlag(call.query, "addImportListExclusion")
      return destroy(
        call,
        ({ freesBytes }) => {
          music.removeAlbum(album, { deleteFiles, freesBytes })
          if (exclude) music.exclude(album.work.mbId, `${album.artist.work.name} - ${album.work.title}`)
        },
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", `${api}/track`, (call) =>
      json(
        call,
        named(call.query).flatMap((album) => tracksOf(album).map((track) => trackAnswer(album, track)))
      )
    ),
    route("GET", `${api}/trackfile`, (call) => {
      const ids = queryInts(call.query, "trackFileIds")
      const files =
        ids.length > 0
          ? ids.flatMap((id) => fileOf(id) ?? [])
          : named(call.query).flatMap((album) => tracksWithFiles(album).map((track) => ({ album, track })))
      return json(
        call,
        files.map(({ album, track }) => trackFileAnswer(context, album, track))
      )
    }),
    route("GET", `${api}/trackfile/:id`, (call) => {
      const file = fileOf(Number(call.params["id"]))
      return file === undefined ? arrNotFound(call) : json(call, trackFileAnswer(context, file.album, file.track))
    }),
    route("DELETE", `${api}/trackfile/bulk`, async (call) => {
      const body = await arrBody(call, BulkBody)
      if (body === undefined) return arrBadBody(call)
      return removeFiles(
        context,
        call,
        body.value.trackFileIds.flatMap((id) => fileOf(id) ?? [])
      )
    }),
    route("DELETE", `${api}/trackfile/:id`, (call) => {
      const file = fileOf(Number(call.params["id"]))
      return file === undefined ? arrNotFound(call) : removeFiles(context, call, [file])
    })
  ]
}

/** Files of one album go together, so that the history tells of them once. */
const removeFiles = (
  { world }: AppContext,
  call: Call,
  files: ReadonlyArray<{ readonly album: AlbumRecord; readonly track: number }>
): Response => {
  const masks = new Map<AlbumRecord, number>()
  for (const { album, track } of files) masks.set(album, (masks.get(album) ?? 0) | (1 << (track - 1)))
  return destroy(
    call,
    ({ freesBytes }) => {
      for (const [album, mask] of masks) world.music.deleteFiles(album, mask & fullMask(album.work.tracks), freesBytes)
    },
    () => json(call, {}),
    () => arrFailure(call, "database is locked")
  )
}

const MonitorBody = Schema.Struct({ albumIds: Schema.Array(Schema.Int), monitored: Schema.Boolean })
const BulkBody = Schema.Struct({ trackFileIds: Schema.Array(Schema.Int) })
