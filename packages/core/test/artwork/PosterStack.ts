/**
 * All services over a data directory, with the real kinds of Radarr and Jellyfin and the real client: a test sets the responses
 * of the two applications to requests for posters, and sees every such request.
 */
import { Effect, Layer, Logger, References } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { ImageResizer, ImageUnreadable, type Resizer } from "../../src/artwork/ImageResizer.ts"
import { Posters } from "../../src/artwork/Posters.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { Sync } from "../../src/library/Sync.ts"
import { ServicesOver } from "../../src/Services.ts"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { movie } from "../integrations/kinds/ArrAnswers.ts"
import { config, library } from "../integrations/kinds/RadarrLibrary.ts"
import { inFolder } from "../storage/Files.ts"
import { jpeg } from "./Pictures.ts"
import { SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { startOfTest } from "../support/Stack.ts"

export const radarrKey = config.apiKey
export const jellyfinKey = "fedcba9876543210"
/** The key of the first movie on the simulated Jellyfin. */
const serverItemId = "ab12"

type PosterAnswer = (path: string) => Response | Promise<Response>

export const image = (bytes: Uint8Array, headers: Record<string, string> = {}) =>
  new Response(new Uint8Array(bytes), { headers: { "content-type": "application/octet-stream", ...headers } })

export const notFound = () => new Response(null, { status: 404 })

export class Upstreams {
  radarr: PosterAnswer = notFound
  jellyfin: PosterAnswer = notFound
  /** `radarr /api/v3/mediacover/1/poster.jpg` */
  readonly asked: Array<string> = []
  /** Every address to which a request was sent. */
  readonly hosts = new Set<string>()
  /** Everything that was logged. */
  readonly logged: Array<string> = []

  readonly fetch: typeof globalThis.fetch = async (input) => {
    const request = input instanceof Request ? input : new Request(input)
    const { host, pathname, searchParams } = new URL(request.url)
    this.hosts.add(host)
    if (host === jellyfinHost) {
      if (pathname === "/System/Info")
        return Response.json({ ProductName: "Jellyfin Server", Version: "10.11", Id: "j" })
      this.asked.push(`jellyfin ${pathname}`)
      return this.jellyfin(pathname)
    }
    if (pathname.includes("/mediacover/")) {
      this.asked.push(`radarr ${pathname}`)
      return this.radarr(pathname)
    }
    const sent = { method: "GET", path: pathname, query: searchParams, headers: request.headers, body: undefined }
    const answer = library([1, 2, 3, 4, 5, 6].map((id) => movie(id)))(sent)
    return answer === undefined ? notFound() : Response.json(answer)
  }
}

const radarrHost = "127.0.0.1:9"
const jellyfinHost = "127.0.0.1:10"

export interface Options {
  readonly resizer?: Resizer
}

const over = <E, R>(database: Layer.Layer<SqlTestServices, E, R>, upstreams: Upstreams, { resizer }: Options) =>
  ServicesOver.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Kinds.layer,
        KyUpstreamClient.layerWith({ fetch: upstreams.fetch, retries: 0, circuitFailures: 1_000 })
      )
    ),
    Layer.provideMerge(database),
    Layer.provide(resizer === undefined ? Layer.empty : Layer.succeed(ImageResizer, resizer)),
    Layer.provide(Layer.effectDiscard(TestClock.setTime(startOfTest))),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "All")),
    Layer.provideMerge(
      Logger.layer([
        Logger.make(({ cause, message }) => void upstreams.logged.push(`${String(message)} ${String(cause)}`))
      ])
    )
  )

/** Connects both applications and reads the library: item 1 is in both, the others are only in Radarr. */
export const connectBoth = Effect.gen(function* () {
  const integrations = yield* Integrations
  const sql = yield* SqlClient.SqlClient
  yield* integrations.create({ kind: "radarr", name: "Films", url: `http://${radarrHost}`, config })
  const jellyfin = yield* integrations.create({
    kind: "jellyfin",
    name: "Screen",
    url: `http://${jellyfinHost}`,
    config: { apiKey: jellyfinKey }
  })
  const sync = yield* Sync
  yield* sync.run({ integrationIds: ["1"] })
  const servers = JSON.stringify([{ integrationId: jellyfin.id, serverItemId, library: "Films" }])
  yield* sql`UPDATE item_documents SET data = json_set(data, '$.onServers', json(${servers})) WHERE item_id = 1`
})

export const posterOf = (itemId: string, width: number | null = null) =>
  Posters.use((posters) => posters.poster(itemId, width))

/** In memory, without a folder for files. */
export const inMemory = <A, E, R>(use: (upstreams: Upstreams) => Effect.Effect<A, E, R>, options: Options = {}) => {
  const upstreams = new Upstreams()
  return Effect.provide(Effect.andThen(connectBoth, use(upstreams)), over(SqlTest, upstreams, options))
}

/** A data directory, and restarts of a server over it. */
export const house = (options: Options = {}) =>
  Effect.map(inFolder, ({ database, folder }) => {
    const upstreams = new Upstreams()
    return {
      upstreams,
      artwork: `${folder}/artwork`,
      live: <A, E, R>(use: Effect.Effect<A, E, R>) =>
        Effect.scoped(
          Effect.provide(use, Layer.fresh(over(MigrationsLive.pipe(Layer.provideMerge(database)), upstreams, options)))
        )
    }
  })

export const films = "radarr /api/v3/mediacover/1/poster.jpg"
export const screen = "jellyfin /Items/ab12/Images/Primary"

export const failing = () => Promise.reject(new Error("refused"))

/** Replaces an image library: the first bytes contain the width. */
export const halving: Resizer = {
  shrink: (bytes, width) =>
    bytes[4] === 99
      ? Effect.fail(new ImageUnreadable({ detail: "it is damaged" }))
      : Effect.succeed(width >= 600 ? null : { bytes: jpeg(width % 251), mediaType: "image/jpeg" })
}

export const counted = (resizer: Resizer) => {
  const asked: Array<number> = []
  const shrink: Resizer["shrink"] = (bytes, width) => {
    asked.push(width)
    return resizer.shrink(bytes, width)
  }
  return { asked, resizer: { shrink } }
}
