/** The client of the current request, as reported by trusted proxies. */
import { Context, Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { type Client, clientOf, isTrustedProxy } from "../access/ClientAddress.ts"
import type { Settings } from "../settings/Settings.ts"
import { AccessSettings } from "../access/AccessSettings.ts"

/** The remote address of the socket, for runtimes whose requests do not carry it. */
export const PeerAddress = Context.Reference<string | null>("tendarr/api/PeerAddress", { defaultValue: () => null })

/** The other end of the socket of the request under way. Node forgets it when the socket is closed. */
export const peerIn = (context: Context.Context<HttpServerRequest.HttpServerRequest>): string | null =>
  Context.get(context, PeerAddress) ??
  Option.getOrNull(Context.get(context, HttpServerRequest.HttpServerRequest).remoteAddress)

export const currentPeer = Effect.map(Effect.context<HttpServerRequest.HttpServerRequest>(), peerIn)

export const currentClient = (
  settings: Settings["Service"]
): Effect.Effect<Client, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { trustedProxies } = yield* settings.get(AccessSettings)
    return clientOf(
      { peer: yield* currentPeer, encrypted: request.url.startsWith("https:"), headers: request.headers },
      trustedProxies
    )
  })

/** Whether the request under way was passed on by a trusted proxy, whose headers count. */
export const cameByTrustedProxy = (
  settings: Settings["Service"]
): Effect.Effect<boolean, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const { trustedProxies } = yield* settings.get(AccessSettings)
    return trustedProxies.length > 0 && isTrustedProxy(yield* currentPeer, trustedProxies)
  })
