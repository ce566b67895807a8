/** The download client, or the application with a queue, of an act, while it may be used. */
import { Effect } from "effect"
import type { DownloadsCapability } from "../integrations/DownloadsCapability.ts"
import type { Integrations } from "../integrations/Integrations.ts"
import type { QueueCapability } from "../integrations/QueueCapability.ts"
import { UpstreamUnreachable } from "../integrations/UpstreamErrors.ts"

export interface ConnectedClient {
  readonly downloads: DownloadsCapability
  readonly name: string
  readonly url: string
}

const unusable = (integrationId: string, name: string | undefined, call: string) =>
  new UpstreamUnreachable({
    integration: name ?? `integration ${integrationId}`,
    call,
    detail: "it is disabled, was removed, or may no longer be used for this"
  })

export const connectedClient = Effect.fnUntraced(function* (
  integrations: Integrations["Service"],
  integrationId: string
): Effect.fn.Return<ConnectedClient, UpstreamUnreachable> {
  const live = yield* integrations.connect(integrationId)
  const downloads = live?.can("downloads") === true ? live.connected.downloads : undefined
  return live == null || downloads === undefined
    ? yield* unusable(integrationId, live?.integration.name, "downloads")
    : { downloads, name: live.integration.name, url: live.integration.url }
})

export const connectedQueue = Effect.fnUntraced(function* (
  integrations: Integrations["Service"],
  integrationId: string
): Effect.fn.Return<QueueCapability, UpstreamUnreachable> {
  const live = yield* integrations.connect(integrationId)
  const queue = live?.can("queue") === true ? live.connected.queue : undefined
  return queue ?? (yield* unusable(integrationId, live?.integration.name, "queue"))
})
