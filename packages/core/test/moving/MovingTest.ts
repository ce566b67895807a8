/** An installation with a small library in a folder of its own, into which files of other products are moved. */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"
import { downloadRules } from "../../src/downloads/DownloadRules.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { MoveInEntry, MoveInOptions, MoveInSection, ProductName } from "../../src/moving/MoveIn.ts"
import { MovingIn } from "../../src/moving/MovingIn.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RuleSubjects } from "../../src/rules/RuleSubjects.ts"
import { CapacitySettings } from "../../src/capacity/CapacitySettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, season, serverItem, show } from "../library/Samples.ts"
import { inFolder } from "../storage/Files.ts"

/** Four movies and a show, all on a media server whose keys begin with "k". */
export const library = () => {
  const feeds = new Feeds()
  const series = show("9", ["tvdb:77", "tmdb-show:700"])
  const movie = (externalId: string, title: string, id: string) =>
    catalogItem({ externalId, title, ids: [`tmdb-movie:${id}`] })
  feeds.of("Manager").catalog = [
    { ...movie("1", "Alien", "348"), collections: ["Alien Collection"] },
    movie("2", "Heat", "949"),
    movie("3", "Ran", "11645"),
    movie("4", "Dune", "841"),
    series,
    season(series, 1),
    season(series, 2)
  ]
  const on = (key: string, title: string, ids: ReadonlyArray<string>) =>
    serverItem({ serverItemId: key, title, ids, library: "Movies" })
  feeds.of("Screen").serverItems = [
    on("k1", "Alien", ["tmdb-movie:348"]),
    on("k2", "Heat", ["tmdb-movie:949"]),
    on("k3", "Ran", ["tmdb-movie:11645"]),
    on("k4", "Dune", ["tmdb-movie:841"]),
    serverItem({ serverItemId: "k9", kind: "show", title: "Show 9", ids: ["tvdb:77"], library: "Series" }),
    serverItem({
      serverItemId: "k91",
      kind: "season",
      parentServerItemId: "k9",
      title: "Season 1",
      seasonNumber: 1,
      library: "Series"
    })
  ]
  feeds.of("Screen").playback = [playback("k2", { alice: 1 }, "2026-01-10T00:00:00.000Z")]
  return feeds
}

/** Connects and reads the library, then runs `use`. */
export const installed = <A, E, R>(use: Effect.Effect<A, E, R>, feeds = library()) =>
  Effect.gen(function* () {
    const { database } = yield* inFolder
    const services = Layer.fresh(
      feedTest(feeds, MigrationsLive.pipe(Layer.provideMerge(database))).pipe(
        Layer.provide(RuleSubjects.layerWith([downloadRules]))
      )
    )
    const ready = Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Screen")
      yield* (yield* Settings).patch(CapacitySettings, { defaultMode: "auto" })
      yield* (yield* Sync).run()
      return yield* use
    })
    return yield* Effect.scoped(Effect.provide(ready, services))
  }).pipe(Effect.provide(NodeServices.layer))

export const preview = (product: ProductName, bytes: Uint8Array, options: MoveInOptions = {}) =>
  Effect.flatMap(MovingIn, (moving) =>
    moving.preview(product, { bytes: inPieces(bytes), declaredBytes: null }, options)
  )

const inPieces = (bytes: Uint8Array, size = 4096) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size))
  )

export const apply = (id: string) => Effect.flatMap(MovingIn, (moving) => moving.apply(id))

export const entries = (id: string, section: MoveInSection) =>
  Effect.flatMap(MovingIn, (moving) => Effect.map(moving.entries(id, { section }), ({ items }) => items))

/** What becomes of each record, in short. */
export const told = (all: ReadonlyArray<MoveInEntry>) =>
  all.map(({ because, outcome, title }) => (because === null ? [title, outcome] : [title, outcome, because]))

export const state = Effect.gen(function* () {
  const rules = yield* (yield* Rules).list
  const protections = yield* (yield* Protections).list
  const removals = (yield* (yield* Removals).page({ limit: 200 })).items
  const history = (yield* (yield* EventLog).page({ type: "move-in.history", limit: 200 })).items
  return { rules, protections, removals, history }
})
