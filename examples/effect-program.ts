/**
 * Tendarr in an Effect program: its services are ordinary layers. One of them is replaced here, the HTTP client through
 * which every application is called, by one that logs each call. Connects Radarr and reads it; removes nothing.
 *
 *   RADARR_URL=http://localhost:7878 RADARR_API_KEY=… node examples/effect-program.ts
 */
import { Preview } from "@tendarr/core/capacity/Preview"
import { Integrations } from "@tendarr/core/integrations/Integrations"
import { Kinds } from "@tendarr/core/integrations/Kinds"
import { KyUpstreamClient } from "@tendarr/core/integrations/KyUpstreamClient"
import { UpstreamClient } from "@tendarr/core/integrations/Upstream"
import { Library } from "@tendarr/core/library/Library"
import { Sync } from "@tendarr/core/library/Sync"
import { ServicesOver } from "@tendarr/core/Services"
import { heldDirectory } from "@tendarr/http-node/HeldDirectory"
import { Console, Effect, Layer } from "effect"

const TalkativeClient = Layer.effect(
  UpstreamClient,
  Effect.map(UpstreamClient, (client) =>
    UpstreamClient.of({
      open: (options) => {
        const upstream = client.open(options)
        return {
          ...upstream,
          getArray: (path, item, request) =>
            Effect.andThen(Console.log(`${options.integration}: GET ${path}`), upstream.getArray(path, item, request))
        }
      }
    })
  )
).pipe(Layer.provide(KyUpstreamClient.layer))

// `Services` includes Tendarr's own HTTP client. With `ServicesOver` you provide it, the kinds and the database
// yourself.
const TendarrLive = ServicesOver.pipe(
  Layer.provideMerge(Layer.mergeAll(Kinds.layer, TalkativeClient)),
  Layer.provideMerge(heldDirectory(process.env["TENDARR_DATA_DIR"] ?? "./tendarr-data"))
)

const program = Effect.gen(function* () {
  const integrations = yield* Integrations
  if ((yield* integrations.list).length === 0) {
    yield* integrations.create({
      kind: "radarr",
      name: "Radarr",
      url: process.env["RADARR_URL"] ?? "http://localhost:7878",
      config: { apiKey: process.env["RADARR_API_KEY"] ?? "" }
    })
  }
  const report = yield* (yield* Sync).run()
  yield* Console.log(`${report.total} items in the library`)

  const preview = yield* Preview
  const { items } = yield* preview.page({ limit: 3 })
  for (const { reason, title } of items) yield* Console.log(`- ${title}: ${reason}`)

  // Problems are typed: the compiler knows that this one can occur, and its fields.
  yield* (yield* Library)
    .get("4711")
    .pipe(Effect.catchTag("ItemNotFound", ({ itemId }) => Console.log(`There is no item ${itemId}`)))
})

await Effect.runPromise(program.pipe(Effect.provide(TendarrLive)))
