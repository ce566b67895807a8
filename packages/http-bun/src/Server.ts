/** Tendarr's server on Bun: Bun.serve and bun:sqlite. */
import { PeerAddress } from "@tendarr/core/api/Client"
import type { EdgeServices, MountTable } from "@tendarr/core/api/MountTable"
import { dialects } from "@tendarr/core/dialects/Dialects"
import { type Address, cannotListen, gracePeriod, urlOf } from "@tendarr/core/server/Listening"
import type { Runtime } from "@tendarr/core/server/Runtime"
import { serve as serveOn, type ServeExtensions } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import { Context, Effect, Layer, type Scope } from "effect"
import { Etag, HttpEffect, HttpPlatform, type HttpServerRequest } from "effect/http"
import { database } from "./Database.ts"
import { collectOnceIdle } from "./Heap.ts"
import { images } from "./Images.ts"

/**
 * The parts of Bun that are used here. Bun's own types would change `fetch` and related types for every package of the
 * workspace.
 */
declare const Bun: {
  readonly version: string
  readonly serve: (options: {
    readonly hostname: string
    readonly port: number
    readonly idleTimeout: number
    readonly fetch: (request: Request, server: BunServer) => Promise<Response>
  }) => BunServer
}

interface BunServer {
  readonly port: number
  readonly requestIP: (request: Request) => { readonly address: string } | null
  readonly stop: (cutConnections?: boolean) => Promise<void>
}

const listen: Runtime["listen"] = <Services>(address: Address, mounts: MountTable<Services>) =>
  Effect.gen(function* () {
    const toHandler = HttpEffect.toWebHandlerWith<
      Services | EdgeServices,
      Services | EdgeServices | HttpServerRequest.HttpServerRequest | Scope.Scope,
      never
    >(yield* Effect.context<Services | EdgeServices>())
    const handler = toHandler(mounts.handle)
    const server = yield* Effect.acquireRelease(
      Effect.try({
        try: () =>
          Bun.serve({
            hostname: address.host,
            port: address.port,
            // An event stream is silent between its pings.
            idleTimeout: 0,
            fetch: (request, server) =>
              handler(request, Context.make(PeerAddress, server.requestIP(request)?.address ?? null))
          }),
        catch: (cause) => cannotListen(address, cause)
      }),
      (server) =>
        Effect.promise(() => server.stop()).pipe(
          Effect.timeoutOption(gracePeriod),
          Effect.andThen(Effect.promise(() => server.stop(true)))
        )
    )
    return urlOf(address, server.port)
  })

export const bun: Runtime = {
  name: `bun ${Bun.version}`,
  database,
  images,
  http: Layer.merge(HttpPlatform.layer, Etag.layerWeak),
  listen,
  settle: Effect.void,
  collect: collectOnceIdle
}

/** Runs a server until it is interrupted, optionally with additional kinds of integrations, factors and mounts. */
export const serve = (options: ServeOptions, extensions: ServeExtensions = {}) =>
  serveOn(bun, options, { ...extensions, dialects: [...dialects, ...(extensions.dialects ?? [])] })
