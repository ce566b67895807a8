/** Tendarr's server on Node: node:http and node:sqlite. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Routes } from "@tendarr/core/api/Server"
import { type Runtime, serve as serveOn } from "@tendarr/core/server/Serve"
import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
import { connections } from "@tendarr/core/storage/Connections"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"

export const database = (folder: string, filename: string) =>
  connections(
    (opening) =>
      Effect.map(SqliteClient.make({ ...opening, disableWAL: opening.readonly }), (client) => ({
        client,
        backup: (file) => Effect.asVoid(client.backup(file))
      })),
    folder,
    filename
  )

const listen = (options: ServeOptions) =>
  Effect.gen(function* () {
    const server = createServer()
    yield* Layer.build(
      HttpRouter.serve(Routes, { disableLogger: true, disableListenLog: true }).pipe(
        Layer.provide(
          NodeHttpServer.layer(() => server, {
            port: options.port,
            host: options.host,
            gracefulShutdownTimeout: "2 seconds"
          })
        )
      )
    ).pipe(Effect.orDie)
    const { port } = server.address() as AddressInfo
    return `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`
  })

export const node = { name: `node ${process.versions.node}`, database, listen } satisfies Runtime<never> | object

export const serve = (options: ServeOptions) => serveOn(node, options)
