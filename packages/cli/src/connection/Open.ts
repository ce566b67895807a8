/** Opens a connection: over HTTP to a server, or in this process on a data directory that nobody holds. */
import { Api } from "@tendarr/core/api/Api"
import { Routes } from "@tendarr/core/api/Server"
import { databaseName, type HeldFolder, holderOf, holdFolder, readLocalSecret } from "@tendarr/core/server/DataFolder"
import { servedServices } from "@tendarr/core/server/Serve"
import { Cause, Effect, FileSystem, Layer, Path, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpRouter, HttpServer } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { type CommandFailure, failed, toFailure, unreachable } from "../Failure.ts"
import type { Connection, TendarrClient } from "./Connection.ts"
import type { Place } from "./Place.ts"

/** A process that holds the directory and does not serve is either about to, or another command that ends soon. */
const patience = { attempts: 50, millis: 100 }

export const open = Effect.fnUntraced(function* (place: Place) {
  if (place._tag === "Server") return yield* toServer(place.url, place.apiKey)
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let attempt = 1; ; attempt++) {
    const holder = yield* holderOf(place.path)
    if (holder?.url != null) return yield* toServer(holder.url, place.apiKey ?? (yield* localSecret(place.path)))
    if (holder === null) {
      const there = yield* Effect.orElseSucceed(files.exists(path.join(place.path, databaseName)), () => false)
      if (!there) return yield* nobodyAt(place.path)
      const opened = yield* inProcess(place.path).pipe(
        Effect.catchTag("DataDirectoryBusy", (busy) =>
          attempt < patience.attempts ? Effect.succeed(null) : Effect.fail(unreachable(busy.message))
        )
      )
      if (opened !== null) return opened
    } else if (attempt >= patience.attempts) {
      return yield* unreachable(
        `Process ${holder.pid} works on ${place.path} and does not answer requests`,
        "Wait for it to end, or stop it."
      )
    }
    yield* Effect.sleep(patience.millis)
  }
})

const nobodyAt = (folder: string): CommandFailure =>
  unreachable(
    `There is no Tendarr in ${folder}`,
    "Start one with `tendarr serve`, or say with --data-dir or --url where it is."
  )

const localSecret = (folder: string) =>
  readLocalSecret(folder).pipe(
    Effect.map((text) => Redacted.make(text.trim())),
    Effect.mapError(() =>
      failed(`The local key in ${folder} cannot be read`, "no-local-key", "Run as who owns it, or give --api-key.")
    )
  )

const toServer = (url: string, apiKey: Redacted.Redacted<string> | null) =>
  Effect.map(clientOf(url, apiKey, globalThis.fetch), (client): Connection => ({ client, where: url, server: url }))

const clientOf = (
  url: string,
  apiKey: Redacted.Redacted<string> | null,
  fetch: typeof globalThis.fetch
): Effect.Effect<TendarrClient> =>
  HttpApiClient.make(Api, {
    baseUrl: url,
    transformClient: (client) =>
      HttpClient.transform(client, (sent) =>
        sent.pipe(
          Effect.provideService(FetchHttpClient.Fetch, fetch),
          // A redirect could carry the key to another host.
          Effect.provideService(FetchHttpClient.RequestInit, {
            redirect: "manual",
            headers: apiKey === null ? {} : { "x-api-key": Redacted.value(apiKey) }
          })
        )
      )
  }).pipe(Effect.provide(FetchHttpClient.layer))

/** The whole of Tendarr in this process, asked through its own API. Nothing runs here in the background. */
const inProcess = Effect.fnUntraced(function* (folder: string) {
  const held = yield* holdFolder(folder).pipe(
    Effect.catchTag("PlatformError", (error) =>
      Effect.fail(failed(`${folder} cannot be used: ${error.message}`, "data-directory-unusable"))
    )
  )
  const handler = yield* handlerOver(held)
  const client = yield* clientOf("http://tendarr.internal", Redacted.make(held.localSecret), (input, init) =>
    handler(new Request(input, init))
  )
  return { client, where: folder, server: null } satisfies Connection
})

const handlerOver = Effect.fnUntraced(function* (held: HeldFolder) {
  const { node } = yield* Effect.promise(() => import("@tendarr/http-node"))
  const outer = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const services = yield* Layer.build(servedServices(node, held, null)).pipe(
    Effect.catchCause((cause) => {
      const failure = cause.reasons.find(Cause.isFailReason)?.error
      const because = toFailure(failure ?? Cause.squash(cause), held.path).message
      return Effect.fail(
        failed(
          `The database in ${held.path} cannot be used: ${because}`,
          "database-unusable",
          "`tendarr doctor` looks into it."
        )
      )
    })
  )
  const web = HttpRouter.toWebHandler(
    Routes.pipe(
      Layer.provide(Layer.succeedContext(services)),
      Layer.provideMerge(HttpServer.layerServices),
      Layer.provideMerge(Layer.succeedContext(outer))
    ),
    { disableLogger: true }
  )
  yield* Effect.addFinalizer(() => Effect.promise(() => web.dispose()))
  return web.handler
})
