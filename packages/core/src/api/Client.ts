/** Where the request under way came from, as the trusted proxies tell it. */
import { Context, Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { type Client, clientOf } from "../access/ClientAddress.ts"
import type { Settings } from "../settings/Settings.ts"
import { AccessSettings } from "../access/AccessSettings.ts"

/** The other end of the socket, for runtimes whose requests do not carry it. */
export const PeerAddress = Context.Reference<string | null>("tendarr/api/PeerAddress", { defaultValue: () => null })

export const currentClient = (
  settings: Settings["Service"]
): Effect.Effect<Client, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { trustedProxies } = yield* settings.get(AccessSettings)
    const peer = yield* PeerAddress
    return clientOf(
      {
        peer: peer ?? Option.getOrNull(request.remoteAddress),
        encrypted: request.url.startsWith("https:"),
        headers: request.headers
      },
      trustedProxies
    )
  })
