/** The download client of an act, while it may be used. */
import { Effect } from "effect"
import type { DownloadsCapability } from "../../integrations/DownloadsCapability.ts"
import type { Integrations } from "../../integrations/Integrations.ts"
import { UpstreamUnreachable } from "../../integrations/UpstreamErrors.ts"

export interface ConnectedClient {
  readonly downloads: DownloadsCapability
  readonly name: string
  readonly url: string
}

export const connectedClient = Effect.fnUntraced(function* (
  integrations: Integrations["Service"],
  integrationId: string
): Effect.fn.Return<ConnectedClient, UpstreamUnreachable> {
  const live = yield* integrations.connect(integrationId)
  const downloads = live?.can("downloads") === true ? live.connected.downloads : undefined
  if (live !== null && live !== undefined && downloads !== undefined) {
    return { downloads, name: live.integration.name, url: live.integration.url }
  }
  return yield* new UpstreamUnreachable({
    integration: live?.integration.name ?? `integration ${integrationId}`,
    call: "downloads",
    detail: "it is disabled, was removed, or may no longer be used for this"
  })
})
