/** Plex Media Server: the contents of its libraries, their keys, and plays by user. */
import { Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { ArtworkEntry, Connected, Kind, Progress, RemovalTarget } from "../Kind.ts"
import type { OddRecords } from "../OddRecords.ts"
import { keySpaces } from "./KeySpaces.ts"
import { posterAt } from "./PosterAt.ts"
import { readCollectionRecords } from "./plex/Collections.ts"
import { keyOf, readCatalog, rereadCatalog } from "./plex/Catalog.ts"
import { readPlayback, rereadPlayback } from "./plex/Playback.ts"
import { plexFacts } from "./plex/Facts.ts"
import { batchSize, makePlexServer, pageSize, type PlexServer } from "./plex/PlexServer.ts"
import { readServerItems, rereadServerItems } from "./plex/ServerItems.ts"
import { serverRemoval } from "./ServerRemoval.ts"
import { manageUnknownField } from "./ServerVideos.ts"

const PlexConfig = Schema.Struct({
  token: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "Token",
    description: "The X-Plex-Token of the server's owner; only the owner sees the plays of everyone."
  }),
  manageUnknown: manageUnknownField("Plex must allow media deletion (Settings, Library).")
})
type PlexConfig = typeof PlexConfig.Type

const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const plex: Kind<PlexConfig> = {
  id: "plex",
  title: "Plex",
  description: "Media server: its libraries with labels and collections, and the plays of all its users.",
  capabilities: ["playback", "labels", "collections", "artwork", "catalog", "removal"],
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
      "5, 1 per 1,000 plays, and for each list (movies, shows, seasons of each library) 1 per 1,000 items (at least 1) and, unless it is empty, 1 for its labels and 1 for each label of its entries; for each library 2 for its collections and 1 for each collection that its lists do not show completely; 1 per 100 movies and shows whose ids cannot be read and whose files no list contains; if a rule needs people, 1 per 100 movies and shows; if one needs playlists, 1 and 1 for each of them. If it manages what no manager knows: 1 for the libraries, the lists once more with one of the episodes of each show library, and 1 per 100 shows. The figure is for one list without labels and collections, without managing anything, and assumes that each list is a library",
    // One partially filled page per list.
    calls: ({ collections = 0, items, labels = 0, lists = 1, plays, unmatched = 0 }) =>
      5 +
      pages(items) +
      (lists - 1) +
      lists +
      (items === 0 ? 0 : 2 * lists) +
      labels +
      collections +
      pages(plays) +
      Math.ceil(unmatched / batchSize),
    reread:
      "6 for a movie, a show or a season, and 1 for each smart collection of its library; 2 more for each further entry of the same title, and 1 per 1,000 plays of it. 3 to 10 more for an item that it manages itself, and the lists of all managers"
  },
  facts: plexFacts,
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "X-Plex-Token": connection.config.token }
    })
    const server = makePlexServer(upstream, connection.name, `tendarr-${connection.integrationId}`)
    const { manageUnknown = false } = connection.config
    const catalog = (target: RemovalTarget, odd: OddRecords) => rereadCatalog(server, connection.name, target, odd)
    return {
      probe: manageUnknown ? probeDeletion(server) : server.probe,
      read: {
        ...(manageUnknown
          ? { catalog: (progress: Progress, odd: OddRecords) => readCatalog(server, progress, odd) }
          : {}),
        serverItems: (progress, odd, wanted) => readServerItems(server, progress, odd, wanted),
        playback: (progress, odd) => readPlayback(server, progress, odd)
      },
      reread: {
        ...(manageUnknown ? { catalog } : {}),
        serverItems: (entries, odd) => rereadServerItems(server, connection.name, entries, odd),
        playback: (entries, odd) => rereadPlayback(server, entries, odd)
      },
      ...(manageUnknown
        ? {
            removal: serverRemoval({
              integration: connection.name,
              catalog,
              keyOf: (target) => keyOf(server, connection.name, target),
              remove: server.remove
            })
          }
        : {}),
      collections: readCollectionRecords(server),
      artwork: {
        // An item that the server manages itself has an id that is no key.
        poster: ({ key, kind }, limits) =>
          /^\d+$/.test(key) ? posterAt(upstream, pathsOfPoster(kind, key), limits) : Effect.succeed(null)
      }
    }
  }
}

/** A collection without an image of its own has one that is composed of its members' images. */
const pathsOfPoster = (kind: ArtworkEntry["kind"], key: string): ReadonlyArray<string> => [
  `library/metadata/${key}/thumb`,
  ...(kind === "collection" ? [`library/collections/${key}/composite/1`] : [])
]

/** The setting is visible only to the owner, and behind some proxies to nobody: no answer is no refusal. */
const probeDeletion = (server: PlexServer): Connected["probe"] =>
  Effect.gen(function* () {
    const probe = yield* server.probe
    const allowed = yield* Effect.orElseSucceed(server.deletionAllowed, () => null)
    return allowed === false
      ? { ...probe, refusesRemoval: "Plex does not allow media deletion: switch it on under Settings, Library" }
      : probe
  })
