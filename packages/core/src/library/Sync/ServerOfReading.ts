/**
 * Whose keys a playback reading uses: its own if it is a media server, otherwise those of the server whose statistics
 * it records.
 */
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import { type MediaServer, serverWatched } from "../../integrations/MediaServers.ts"
import type { Observation } from "../../integrations/Observations.ts"

export const serverOf = (live: LiveIntegration, all: ReadonlyArray<LiveIntegration>): MediaServer => {
  const { integration, kind, said } = live
  if (isServer(live)) return { _tag: "Found", integrationId: integration.id }
  return serverWatched(
    {
      name: integration.name,
      watches: kind.watches,
      said: said?.watches ?? null,
      chosen: integration.options.mediaServerId
    },
    all.filter(isServer).map((server) => ({
      integrationId: server.integration.id,
      name: server.integration.name,
      keySpace: server.kind.keySpace,
      identity: server.said?.identity ?? null
    }))
  )
}

/**
 * The integration to whose entries a reading of `live` is attached in the items; `null` = it cannot be attached. Plays
 * belong to the entries of a media server, and so do the watchlists of an application that watches one.
 */
export const joinTargetOf = (
  live: LiveIntegration,
  observation: Observation,
  all: ReadonlyArray<LiveIntegration>
): string | null => {
  const ofServer = observation === "playback" || (observation === "watchlists" && live.kind.watches !== undefined)
  if (!ofServer) return live.integration.id
  const server = serverOf(live, all)
  return server._tag === "Found" ? server.integrationId : null
}

/** Whether it is a media server, whose items are only what no manager knows. */
export const isServer = ({ connected }: LiveIntegration): boolean => connected.read.serverItems !== undefined
