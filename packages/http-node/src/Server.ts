/** Tendarr's server on Node: node:http and node:sqlite. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Routes } from "@tendarr/core/api/Server"
import { cannotListen, gracePeriod, urlOf } from "@tendarr/core/server/Listening"
import { type Runtime, serve as serveOn } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { database } from "./Database.ts"

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
    const { port } = server.address() as AddressInfo
    return urlOf(options, port)
  })

export const node = { name: `node ${process.versions.node}`, database, listen } satisfies Runtime<never> | object

export const serve = (options: ServeOptions) => serveOn(node, options)
