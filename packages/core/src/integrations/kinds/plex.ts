/** Plex Media Server: what its libraries hold, under which keys, and who played what. */
import { Schema } from "effect"
import type { Connected, Kind } from "../Kind.ts"
import { keySpaces } from "./KeySpaces.ts"
import { readPlayback } from "./plex/Playback.ts"
import { makePlexServer, pageSize } from "./plex/PlexServer.ts"
import { readServerItems } from "./plex/ServerItems.ts"

const PlexConfig = Schema.Struct({ token: Schema.String.check(Schema.isNonEmpty()) })
type PlexConfig = typeof PlexConfig.Type

const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const plex: Kind<PlexConfig> = {
  id: "plex",
  title: "Plex",
  description: "Media server: its libraries with labels and collections, and the plays of all its users.",
  capabilities: ["playback", "labels", "collections"],
  itemKinds: ["movie", "show", "season"],
  keySpace: keySpaces.plex,
  fields: [
    {
      key: "token",
      label: "Token",
      type: "secret",
      required: true,
      description: "The X-Plex-Token of the server's owner; only the owner sees the plays of everyone."
    }
  ],
  config: PlexConfig,
  discovery: {
    defaultPort: 32_400,
    hostNames: ["plex"],
    path: "identity",
    answer: String.raw`^\s*(<|\{)[\s\S]*MediaContainer[\s\S]*machineIdentifier`
  },
  syncCost: {
    formula:
      "2, 1 per 1,000 plays, and 1 per 1,000 items of each list (movies, shows, seasons of each library; at least 1 each). The figure is for one list",
    // Pages that are not full: one of each list.
    calls: ({ items, lists = 1, plays }) => 2 + pages(items) + (lists - 1) + pages(plays)
  },
  connect: (door, connection): Connected => {
    const upstream = door.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "X-Plex-Token": connection.config.token }
    })
    const server = makePlexServer(upstream, connection.name, `tendarr-${connection.integrationId}`)
    return {
      probe: server.probe,
      read: {
        serverItems: (progress) => readServerItems(server, progress),
        playback: (progress) => readPlayback(server, progress)
      }
    }
  }
}
