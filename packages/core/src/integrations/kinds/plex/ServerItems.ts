/** The movie and show libraries of a Plex server as server items: its keys, joined to typed ids. */
import { Effect } from "effect"
import type { Progress } from "../../Kind.ts"
import type { ItemKind, ServerItem, TypedId } from "../../Observations.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { idOfProvider, isoOfSeconds, positiveOrNull } from "../Values.ts"
import type { MetadataItem } from "./Container.ts"
import type { PlexServer } from "./PlexServer.ts"

export const readServerItems = Effect.fn("Plex.readServerItems")(function* (
  server: PlexServer,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<ServerItem>, UpstreamError> {
  const items: Array<ServerItem> = []
  const advance: Progress = (done) => progress(items.length + done, null)
  for (const section of yield* server.sections) {
    const library = section.title ?? section.key
    if (section.type === "movie") {
      yield* forEachWithPauses(yield* server.items(section.key, 1, advance), (movie) =>
        items.push(itemOf("movie", movie, library, idsOf("movie", movie)))
      )
    }
    if (section.type === "show") {
      const shows = new Map<string, ReadonlyArray<TypedId>>()
      yield* forEachWithPauses(yield* server.items(section.key, 2, advance), (show) => {
        const ids = idsOf("show", show)
        shows.set(show.ratingKey, ids)
        items.push(itemOf("show", show, library, ids))
      })
      // A season's own guids number seasons, not shows: it goes by its show.
      yield* forEachWithPauses(yield* server.items(section.key, 3, advance), (season) =>
        items.push(itemOf("season", season, library, shows.get(season.parentRatingKey ?? "") ?? []))
      )
    }
  }
  yield* progress(items.length, items.length)
  return items
})

/** Typed ids from the new agents' guids and from the one guid of the old agents. */
export const idsOf = (kind: "movie" | "show", item: MetadataItem): ReadonlyArray<TypedId> => {
  const guids = [...(item.Guid ?? []).map((guid) => guid.id), item.guid]
  return [...new Set(guids.flatMap((guid) => idOfGuid(kind, guid ?? "")))]
}

const idOfGuid = (kind: "movie" | "show", guid: string): ReadonlyArray<TypedId> => {
  const [, agent = "", rest = ""] = /^(?:com\.plexapp\.agents\.)?([a-z]+):\/\/([^?]+)/.exec(guid) ?? []
  return idOfProvider(kind, providers[agent] ?? agent, rest.split("/")[0])
}

/** What the old agents call providers. */
const providers: Readonly<Record<string, string>> = { themoviedb: "tmdb", thetvdb: "tvdb" }

const itemOf = (kind: ItemKind, item: MetadataItem, library: string, ids: ReadonlyArray<TypedId>): ServerItem => ({
  serverItemId: item.ratingKey,
  kind,
  parentServerItemId: kind === "season" ? (item.parentRatingKey ?? null) : null,
  ids,
  title: item.title ?? "",
  year: positiveOrNull(item.year),
  seasonNumber: kind === "season" ? (item.index ?? null) : null,
  library,
  addedAt: isoOfSeconds(item.addedAt),
  labels: tagsOf(item.Label),
  collections: tagsOf(item.Collection),
  // A watchlist belongs to an account at plex.tv; the server itself does not know it.
  onWatchlist: null
})

const tagsOf = (tags: MetadataItem["Label"]): ReadonlyArray<string> =>
  (tags ?? []).flatMap(({ tag }) => (tag === null || tag === undefined ? [] : [tag]))
