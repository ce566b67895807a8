/** People and playlists of a Plex server's entries: read only if a decision needs them. */
import { Effect } from "effect"
import type { EntryDetail, EntryPeople, ServerItem } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { batchesOf } from "../Paging.ts"
import { distinctTexts } from "../Values.ts"
import type { Credits } from "./Container.ts"
import { batchSize, type PlexReads } from "./PlexServer.ts"

/** The entries with what is wanted in addition. */
export const withDetails = Effect.fnUntraced(function* (
  server: PlexReads,
  items: ReadonlyArray<ServerItem>,
  wanted: ReadonlySet<EntryDetail>
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  if (wanted.size === 0) return items
  const people = wanted.has("people") ? yield* readPeople(server, items) : null
  const playlists = wanted.has("playlists") ? yield* readPlaylists(server) : null
  return items.map((item) => {
    const own = people?.get(item.serverItemId)
    return {
      ...item,
      ...(own === undefined ? {} : { people: own }),
      ...(playlists === null ? {} : { playlists: playlists.get(item.serverItemId) ?? [] })
    }
  })
})

const readPeople = Effect.fnUntraced(function* (
  server: PlexReads,
  items: ReadonlyArray<ServerItem>
): Effect.fn.Return<ReadonlyMap<string, EntryPeople>, UpstreamError> {
  const people = new Map<string, EntryPeople>()
  const keys = items.flatMap(({ kind, serverItemId }) => (kind === "season" ? [] : [serverItemId]))
  for (const some of batchesOf(keys, batchSize)) {
    // All of them may have been deleted by now.
    const rows = yield* Effect.catchTag(server.credits(some), "UpstreamRefused", (error) =>
      error.status === 404 ? Effect.succeed([]) : Effect.fail(error)
    )
    for (const row of rows) {
      const found = peopleIn(row)
      if (found !== null) people.set(row.ratingKey, found)
    }
  }
  return people
})

/** `null` = nobody is listed: the agent of the section has not determined it. */
const peopleIn = ({ Director, Role, Writer }: Credits): EntryPeople | null => {
  const [actors, directors, writers] = [Role, Director, Writer].map((all) =>
    distinctTexts((all ?? []).map(({ tag }) => tag))
  )
  const found = { actors: actors ?? [], directors: directors ?? [], writers: writers ?? [] }
  return Object.values(found).every((names) => names.length === 0) ? null : found
}

/** Titles by the keys of movies, seasons and shows. */
const readPlaylists = Effect.fnUntraced(function* (
  server: PlexReads
): Effect.fn.Return<ReadonlyMap<string, ReadonlyArray<string>>, UpstreamError> {
  const titles = new Map<string, ReadonlyArray<string>>()
  for (const { ratingKey, title } of yield* server.playlists) {
    for (const row of yield* server.inPlaylist(ratingKey)) {
      for (const key of [row.ratingKey, row.parentRatingKey, row.grandparentRatingKey]) {
        if (typeof key === "string") titles.set(key, distinctTexts([...(titles.get(key) ?? []), title ?? ratingKey]))
      }
    }
  }
  return titles
})
