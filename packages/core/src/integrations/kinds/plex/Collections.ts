/** The collections of the libraries of a Plex server. It knows only the members that it has. */
import { Effect } from "effect"
import type { CollectionRecord } from "../../CollectionCapability.ts"
import { OddRecords } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { textOrNull } from "../Values.ts"
import type { PlexServer } from "./PlexServer.ts"

export const readCollectionRecords = Effect.fn("Plex.readCollectionRecords")(function* (
  plex: PlexServer
): Effect.fn.Return<ReadonlyArray<CollectionRecord>, UpstreamError> {
  const server = plex.reads(new OddRecords())
  const records: Array<CollectionRecord> = []
  for (const { key: section, type } of yield* server.sections) {
    if (type !== "movie" && type !== "show") continue
    for (const { ratingKey: key, summary, title } of yield* server.collections(section)) {
      const name = textOrNull(title)
      if (name !== null) records.push({ key, title: name, tmdbId: null, overview: textOrNull(summary), missing: null })
    }
  }
  return records
})
