/** Tendarr's server on Node: node:http and node:sqlite. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpPlatform from "@effect/platform-node/NodeHttpPlatform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { dialects } from "@tendarr/core/dialects/Dialects"
import { cannotListen, gracePeriod, urlOf } from "@tendarr/core/server/Listening"
import type { Runtime } from "@tendarr/core/server/Runtime"
import { serve as serveOn, type ServeExtensions } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import { Effect, Layer } from "effect"
import { Etag } from "effect/http"
import { database } from "./Database.ts"
import { collectOnceIdle, keepHeapSmall } from "./Heap.ts"
import { images } from "./Images.ts"

const listen: Runtime["listen"] = (address, mounts) =>
  Effect.gen(function* () {
    const server = createServer()
    const http = yield* NodeHttpServer.make(() => server, {
      port: address.port,
      host: address.host,
      gracefulShutdownTimeout: gracePeriod
    }).pipe(Effect.mapError(({ cause }) => cannotListen(address, cause)))
    yield* http.serve(mounts.handle)
    const { port } = server.address() as AddressInfo
    return urlOf(address, port)
  })

export const node: Runtime = {
  name: `node ${process.versions.node}`,
  database,
  images,
  http: Layer.merge(NodeHttpPlatform.layer, Etag.layerWeak),
  listen,
  settle: keepHeapSmall,
  collect: collectOnceIdle
}

/** Runs a server until it is interrupted, optionally with additional kinds of integrations, factors and mounts. */
export const serve = (options: ServeOptions, extensions: ServeExtensions = {}) =>
  serveOn(node, options, { ...extensions, dialects: [...dialects, ...(extensions.dialects ?? [])] })
