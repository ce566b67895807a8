/** Whose keys a playback reading uses: its own when it is a media server, else those of the one it keeps statistics of. */
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import { type MediaServer, serverWatched } from "../../integrations/MediaServers.ts"

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

const isServer = ({ connected }: LiveIntegration): boolean => connected.read.serverItems !== undefined
