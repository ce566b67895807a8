/** People and playlists of the entries of Jellyfin and Emby: read only if a decision needs them. */
import { Effect } from "effect"
import type { EntryDetail, EntryPeople, ServerItem } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { distinctTexts } from "../Values.ts"
import type { MediaBrowser } from "./MediaBrowser.ts"
import type { Credits, Item } from "./Responses.ts"

/** The entries with what is wanted in addition; `libraries` are the ids of those that were read. */
export const withDetails = Effect.fnUntraced(function* (
  server: MediaBrowser,
  items: ReadonlyArray<ServerItem>,
  libraries: ReadonlyArray<string>,
  wanted: ReadonlySet<EntryDetail>
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  if (wanted.size === 0) return items
  const people = wanted.has("people") ? yield* readPeople(server, libraries) : null
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
  server: MediaBrowser,
  libraries: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyMap<string, EntryPeople>, UpstreamError> {
  const people = new Map<string, EntryPeople>()
  for (const library of libraries) {
    for (const row of yield* server.credits(library)) {
      const found = peopleIn(row)
      if (found !== null) people.set(row.Id, found)
    }
  }
  return people
})

/** `null` = nobody is listed: the server has not determined it. */
const peopleIn = ({ People }: Credits): EntryPeople | null => {
  const of = (...types: ReadonlyArray<string>) =>
    distinctTexts((People ?? []).filter(({ Type }) => types.includes(Type ?? "")).map(({ Name }) => Name))
  const found = { actors: of("Actor", "GuestStar"), directors: of("Director"), writers: of("Writer") }
  return Object.values(found).every((names) => names.length === 0) ? null : found
}

/** Titles by the keys of movies, seasons and shows, over all users: each of them has playlists of their own. */
const readPlaylists = Effect.fnUntraced(function* (
  server: MediaBrowser
): Effect.fn.Return<ReadonlyMap<string, ReadonlyArray<string>>, UpstreamError> {
  const owners = new Map<string, { readonly playlist: Item; readonly userId: string }>()
  for (const user of yield* server.users) {
    for (const playlist of yield* server.playlists(user.Id)) {
      if (!owners.has(playlist.Id)) owners.set(playlist.Id, { playlist, userId: user.Id })
    }
  }
  const titles = new Map<string, ReadonlyArray<string>>()
  for (const { playlist, userId } of owners.values()) {
    for (const { Id, SeasonId, SeriesId } of yield* server.inPlaylist(userId, playlist.Id)) {
      for (const key of [Id, SeasonId, SeriesId]) {
        if (typeof key !== "string") continue
        titles.set(key, distinctTexts([...(titles.get(key) ?? []), playlist.Name ?? playlist.Id]))
      }
    }
  }
  return titles
})
