/** Plex Media Server: the contents of its libraries, their keys, and plays by user. */
import { Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Connected, Kind } from "../Kind.ts"
import { keySpaces } from "./KeySpaces.ts"
import { posterAt } from "./PosterAt.ts"
import { readPlayback, rereadPlayback } from "./plex/Playback.ts"
import { plexFacts } from "./plex/Facts.ts"
import { batchSize, makePlexServer, pageSize } from "./plex/PlexServer.ts"
import { readServerItems, rereadServerItems } from "./plex/ServerItems.ts"

const PlexConfig = Schema.Struct({
  token: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "Token",
    description: "The X-Plex-Token of the server's owner; only the owner sees the plays of everyone."
  })
})
type PlexConfig = typeof PlexConfig.Type

const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const plex: Kind<PlexConfig> = {
  id: "plex",
  title: "Plex",
  description: "Media server: its libraries with labels and collections, and the plays of all its users.",
  capabilities: ["playback", "labels", "collections", "artwork"],
  itemKinds: ["movie", "show", "season", "episode"],
  keySpace: keySpaces.plex,
  config: PlexConfig,
  discovery: {
    defaultPort: 32_400,
    hostNames: ["plex"],
    path: "identity",
    answer: String.raw`^\s*(<|\{)[\s\S]*MediaContainer[\s\S]*machineIdentifier`
  },
  syncCost: {
    formula:
      "4, 1 per 1,000 plays, and for each list (movies, shows, seasons of each library) 1 per 1,000 items (at least 1) and, unless it is empty, 1 for its labels and 1 for each label of its entries; for each library 1 for its collections and 1 for each collection that its lists do not show completely; 1 per 100 movies and shows whose ids cannot be read and whose files no list contains. The figure is for one list without labels and collections, and assumes that each list is a library",
    // One partially filled page per list.
    calls: ({ collections = 0, items, labels = 0, lists = 1, plays, unmatched = 0 }) =>
      4 +
      pages(items) +
      (lists - 1) +
      (items === 0 ? 0 : 2 * lists) +
      labels +
      collections +
      pages(plays) +
      Math.ceil(unmatched / batchSize),
    reread:
      "6 for a movie, a show or a season, and 1 for each smart collection of its library; 2 more for each further entry of the same title, and 1 per 1,000 plays of it"
  },
  facts: plexFacts,
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "X-Plex-Token": connection.config.token }
    })
    const server = makePlexServer(upstream, connection.name, `tendarr-${connection.integrationId}`)
    return {
      probe: server.probe,
      read: {
        serverItems: (progress, odd) => readServerItems(server, progress, odd),
        playback: (progress, odd) => readPlayback(server, progress, odd)
      },
      reread: {
        serverItems: (entries, odd) => rereadServerItems(server, connection.name, entries, odd),
        playback: (entries, odd) => rereadPlayback(server, entries, odd)
      },
      artwork: {
        poster: ({ key }, limits) => posterAt(upstream, [`library/metadata/${encodeURIComponent(key)}/thumb`], limits)
      }
    }
  }
}
