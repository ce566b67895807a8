/** Tendarr's server on Bun: Bun.serve and bun:sqlite. */
import { PeerAddress } from "@tendarr/core/api/Client"
import { Routes } from "@tendarr/core/api/Server"
import { cannotListen, gracePeriod, urlOf } from "@tendarr/core/server/Listening"
import { serve as serveOn } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import type { Extensions } from "@tendarr/core/Services"
import { Context, Effect, Layer, type Scope } from "effect"
import { Etag, HttpEffect, HttpPlatform, HttpRouter, type HttpServerRequest } from "effect/http"
import { database } from "./Database.ts"

/** What is used of Bun here. Its own types would change `fetch` and its kin for every package of the workspace. */
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

type Provided = HttpPlatform.HttpPlatform

const listen = (options: ServeOptions) =>
  Effect.gen(function* () {
    const toHandler = HttpEffect.toWebHandlerWith<
      Provided,
      Provided | HttpServerRequest.HttpServerRequest | Scope.Scope
    >(yield* Effect.context<Provided>())
    const handler = toHandler(yield* HttpRouter.toHttpEffect(Routes))
    const server = yield* Effect.acquireRelease(
      Effect.try({
        try: () =>
          Bun.serve({
            hostname: options.host,
            port: options.port,
            // An event stream is silent between its pings.
            idleTimeout: 0,
            fetch: (request, server) =>
              handler(request, Context.make(PeerAddress, server.requestIP(request)?.address ?? null))
          }),
        catch: (cause) => cannotListen(options, cause)
      }),
      (server) =>
        Effect.promise(() => server.stop()).pipe(
          Effect.timeoutOption(gracePeriod),
          Effect.andThen(Effect.promise(() => server.stop(true)))
        )
    )
    return urlOf(options, server.port)
  }).pipe(Effect.provide(Layer.mergeAll(HttpPlatform.layer, Etag.layerWeak)))

export const bun = { name: `bun ${Bun.version}`, database, listen }

/** Runs a server until it is interrupted, with kinds of integration and factors of one's own where they are given. */
export const serve = (options: ServeOptions, extensions: Extensions = {}) => serveOn(bun, options, extensions)
