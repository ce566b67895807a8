/**
 * Streamystats: the plays of a Jellyfin server, and the watchlists that its users keep in Streamystats. Its keys are those
 * of that server, which it names by its id.
 *
 * With an API key, it reports only the plays of a single item, and no more than 50 of them. The whole history is part of
 * its backup, which an administrator downloads, so the session of one is needed.
 */
import { Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"
import { keySpaces } from "./KeySpaces.ts"
import { LenientKey, LenientString } from "./Lenient.ts"
import { timedProbe } from "./Probing.ts"
import { streamystatsFacts } from "./streamystats/Facts.ts"
import { readPlays } from "./streamystats/Plays.ts"
import { readWatchlists, watchlistChoices } from "./streamystats/Watchlists.ts"

const sessionCookie = "streamystats-session"

const StreamystatsConfig = Schema.Struct({
  session: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "Session",
    description: `Value of the cookie ${sessionCookie} of an administrator who is signed in to Streamystats. It is valid for 30 days: sign in again, and enter the new one before.`
  }),
  server: Schema.optionalKey(
    configField(Schema.String, {
      title: "Media server",
      description: "Name or id of the media server in Streamystats. Needed only if it has several.",
      secret: false,
      choosesPart: true
    })
  ),
  watchlists: Schema.optionalKey(
    configField(Schema.Literals(watchlistChoices), {
      title: "Watchlists",
      description:
        "Whether watchlists are read: off (the default), certain or public. Streamystats shows the public ones and those of the administrator, not the private ones of others. With certain, it is therefore unknown whether a title is on a list unless it is found on one; with public, only the lists that are shown count."
    })
  )
})
type StreamystatsConfig = typeof StreamystatsConfig.Type

export const streamystats: Kind<StreamystatsConfig> = {
  id: "streamystats",
  title: "Streamystats",
  description:
    "Watch statistics and watchlists of a Jellyfin server. Its plays are attached to the libraries of that server.",
  capabilities: ["playback", "watchlists"],
  itemKinds: ["movie", "show", "season", "episode"],
  watches: [keySpaces.jellyfin],
  config: StreamystatsConfig,
  discovery: {
    defaultPort: 3000,
    hostNames: ["streamystats"],
    path: "api/servers",
    answer: String.raw`"jellyfinId"\s*:`
  },
  syncCost: {
    formula: "2; if watchlists are read, 2 and 1 per list more. The figure is for no watchlists",
    calls: () => 2,
    reread:
      "none for plays: with a session, its history cannot be queried for a single item; the media server that it watches is read again instead. If watchlists are read, as many as a sync makes for them"
  },
  facts: streamystatsFacts,
  connect: (client, connection): Connected => {
    const { config, name } = connection
    const { watchlists = "off" } = config
    const cookie = config.session.trim().replace(new RegExp(`^${sessionCookie}=`), "")
    const upstream = client.open({
      integration: name,
      baseUrl: connection.url,
      headers: { cookie: `${sessionCookie}=${cookie}` },
      secrets: [cookie]
    })
    const server = serverOf(upstream, config, name)
    const lists =
      watchlists === "off" ? null : { upstream, serverId: Effect.map(server, ({ id }) => id), choice: watchlists }
    return {
      // It reports its version only after checking the internet for a newer one.
      probe: Effect.flatMap(server, ({ id, jellyfinId, name: title = null }) =>
        timedProbe(
          Effect.succeed({
            appName: "Streamystats",
            version: null,
            watches: { keySpace: keySpaces.jellyfin, identity: jellyfinId ?? null, name: title }
          }),
          // Requires a session for this server.
          upstream.getArray("api/Sessions", Schema.Unknown, { query: { serverId: id } })
        )
      ),
      read: {
        playback: (progress, odd) =>
          Effect.flatMap(server, ({ id }) => readPlays({ upstream, integration: name, serverId: id }, progress, odd)),
        ...(lists === null ? {} : { watchlists: (progress, odd) => readWatchlists(lists, progress, odd) })
      },
      ...(lists === null ? {} : { reread: { watchlists: (_, odd) => readWatchlists(lists, () => Effect.void, odd) } })
    }
  }
}

const Server = Schema.Struct({
  id: LenientKey,
  name: Schema.optionalKey(LenientString),
  jellyfinId: Schema.optionalKey(LenientString)
})
type Server = typeof Server.Type

/** The selected media server. Keys of several servers must not be mixed. */
const serverOf = (
  upstream: Upstream,
  config: StreamystatsConfig,
  integration: string
): Effect.Effect<Server, UpstreamError> =>
  Effect.flatMap(upstream.getArray("api/servers", Server), (servers) => {
    const wanted = config.server?.trim() ?? ""
    const found = wanted === "" ? servers : servers.filter(({ id, name }) => id === wanted || name === wanted)
    const [only, second] = found
    if (only !== undefined && second === undefined) return Effect.succeed(only)
    const names = servers.map((server) => server.name ?? server.id).join(", ")
    const detail =
      servers.length === 0 ? "it has no media server" : `choose one of its media servers in the configuration: ${names}`
    return Effect.fail(new UpstreamMalformed({ integration, call: "GET api/servers", detail }))
  })
