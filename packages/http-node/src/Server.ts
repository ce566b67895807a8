/** Tendarr's server on Node: node:http and node:sqlite. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Routes } from "@tendarr/core/api/Server"
import { cannotListen, gracePeriod, urlOf } from "@tendarr/core/server/Listening"
import { type Runtime, serve as serveOn } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import type { Extensions } from "@tendarr/core/Services"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { database } from "./Database.ts"
import { keepHeapSmall } from "./Heap.ts"

const listen = (options: ServeOptions) =>
  Effect.gen(function* () {
    const server = createServer()
    yield* Layer.build(
      HttpRouter.serve(Routes, { disableLogger: true, disableListenLog: true }).pipe(
        Layer.provide(
          NodeHttpServer.layer(() => server, {
            port: options.port,
            host: options.host,
            gracefulShutdownTimeout: gracePeriod
          })
        )
      )
    ).pipe(Effect.mapError(({ cause }) => cannotListen(options, cause)))
    yield* keepHeapSmall
    const { port } = server.address() as AddressInfo
    return urlOf(options, port)
  })

export const node = { name: `node ${process.versions.node}`, database, listen } satisfies Runtime<never> | object

/** Runs a server until it is interrupted, with kinds of integration and factors of one's own where they are given. */
export const serve = (options: ServeOptions, extensions: Extensions = {}) => serveOn(node, options, extensions)
