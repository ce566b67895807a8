/** Whose keys a playback reading uses: its own when it is a media server, else those of the one it keeps statistics of. */
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import type { Observation } from "../../integrations/Observations.ts"

export type MediaServer =
  { readonly _tag: "Found"; readonly integrationId: string } | { readonly _tag: "Missing"; readonly detail: string }

export const serverOf = (live: LiveIntegration, all: ReadonlyArray<LiveIntegration>): MediaServer => {
  if (live.connected.read.serverItems !== undefined) return { _tag: "Found", integrationId: live.integration.id }
  const servers = all.filter((other) => other.connected.read.serverItems !== undefined)
  const chosen = live.integration.options.mediaServerId
  const found = chosen === null ? servers : servers.filter((server) => server.integration.id === chosen)
  const [first, second] = found
  if (first === undefined) {
    return { _tag: "Missing", detail: `${live.integration.name} keeps plays of a media server that is not connected` }
  }
  return second === undefined
    ? { _tag: "Found", integrationId: first.integration.id }
    : {
        _tag: "Missing",
        detail: `${live.integration.name} could keep plays of several media servers; choose one in its options`
      }
}

/** The integration on whose entries a reading of `live` hangs in the items; `null` = plays that hang on nothing. */
export const joinTargetOf = (
  live: LiveIntegration,
  observation: Observation,
  all: ReadonlyArray<LiveIntegration>
): string | null => {
  if (observation !== "playback") return live.integration.id
  const server = serverOf(live, all)
  return server._tag === "Found" ? server.integrationId : null
}
