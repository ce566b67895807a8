/** The episodes and files of the simulated managers, by the real kinds and by the whole of Tendarr over them. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Kind } from "../../src/integrations/Kind.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { type CatalogItem, isWholeKind } from "../../src/integrations/Observations.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { ServicesOver } from "../../src/Services.ts"
import { leaf } from "../rules/Samples.ts"
import { SqlTest } from "../support/Sql.ts"
import { connect } from "./Reading.ts"
import { catalogOf, stack } from "./Rereads.ts"
import { startOfTest, withSandbox } from "./SandboxTest.ts"

const now = new Date(startOfTest).toISOString()

const sum = <A>(all: ReadonlyArray<A>, of: (one: A) => number | null) =>
  all.reduce((total, one) => total + (of(one) ?? 0), 0)

const wholesIn = (items: ReadonlyArray<CatalogItem>) =>
  items
    .filter(({ kind }) => isWholeKind(kind))
    .map((whole) => ({
      whole,
      parts: items.filter(({ parentExternalId }) => parentExternalId === whole.externalId)
    }))

const contentsOf = (connected: ReturnType<Kind["connect"]>) => ({
  episodes: connected.contents?.episodes ?? (() => Effect.die("no episodes")),
  files: connected.contents?.files ?? (() => Effect.die("no files"))
})

describe("The contents of a whole", () => {
  for (const app of ["sonarr", "whisparr-v2"]) {
    it.effect(`are the episodes that the list of ${app} counts`, () =>
      stack(
        [app],
        Effect.gen(function* () {
          const connected = yield* connect(app)
          for (const { parts, whole } of wholesIn(yield* catalogOf(connected)).slice(0, 25)) {
            const episodes = yield* contentsOf(connected).episodes(whole)
            const numberOf = (filter: (one: (typeof episodes)[number]) => boolean) => episodes.filter(filter).length
            const there = numberOf(({ hasFile }) => hasFile === true)
            assert.strictEqual(there, whole.facts.episodeCount ?? 0, whole.title)
            assert.strictEqual(
              there,
              numberOf(({ fileId }) => fileId !== null)
            )
            for (const { facts, title } of parts) {
              const own = episodes.filter(({ seasonNumber }) => seasonNumber === facts.seasonNumber)
              assert.strictEqual(own.filter(({ hasFile }) => hasFile === true).length, facts.episodeCount, title)
              const missing = own.filter(
                ({ airsAt, hasFile, monitored }) => hasFile === false && monitored === true && (airsAt ?? "~") <= now
              )
              if (facts.missingEpisodes !== undefined && whole.facts.monitored === true) {
                assert.strictEqual(missing.length, facts.missingEpisodes, title)
              }
            }
          }
        })
      )
    )
  }

  for (const app of ["sonarr", "whisparr-v2", "lidarr", "readarr"]) {
    it.effect(`are the files of the bytes that the lists of ${app} report, of each part`, () =>
      stack(
        [app],
        Effect.gen(function* () {
          const connected = yield* connect(app)
          const { world } = yield* Sandbox
          for (const { parts, whole } of wholesIn(yield* catalogOf(connected)).slice(0, 25)) {
            const before = world.requestCounts.get(app) ?? 0
            const files = yield* contentsOf(connected).files(whole)
            assert.strictEqual((world.requestCounts.get(app) ?? 0) - before, 1, "one call")
            assert.strictEqual(
              sum(files, ({ sizeBytes }) => sizeBytes),
              whole.sizeBytes,
              whole.title
            )
            for (const part of parts) {
              const own = files.filter(({ partExternalId }) => partExternalId === part.externalId)
              assert.strictEqual(
                sum(own, ({ sizeBytes }) => sizeBytes),
                part.sizeBytes,
                part.title
              )
            }
            for (const { cutoffMet, path, quality } of files) {
              assert.isString(path)
              assert.isString(quality)
              assert.isBoolean(cutoffMet)
            }
          }
        })
      )
    )
  }

  it.effect("show in the lists when they change, and only then", () =>
    stack(
      ["sonarr"],
      Effect.gen(function* () {
        const connected = yield* connect("sonarr")
        const signs = Effect.map(
          catalogOf(connected),
          (items) => new Map(items.map(({ contentsSign, externalId }) => [externalId, contentsSign]))
        )
        const before = yield* signs
        assert.deepStrictEqual(yield* signs, before)
        const { world } = yield* Sandbox
        const shelf = world.series.shows
        const [first] = [...shelf.values()]
        const season = first!.seasons.find(({ files }) => files !== 0)!
        world.series.deleteFiles(season, season.files & -season.files, true)
        const after = yield* signs
        const changed = [...after].filter(([id, sign]) => before.get(id) !== sign).map(([id]) => id)
        assert.deepStrictEqual(changed, [String(first!.id)])
      })
    )
  )
})

describe("Tendarr over simulated shows", () => {
  // Retries would wait on the clock of the test.
  const WholeServices = ServicesOver.pipe(
    Layer.provideMerge(Layer.mergeAll(Kinds.layer, KyUpstreamClient.layerWith({ retries: 0 }))),
    Layer.provideMerge(SqlTest)
  )

  const ready = Effect.gen(function* () {
    const { integrations: offered } = yield* Sandbox
    const sonarr = offered.find(({ kind }) => kind === "sonarr")!
    yield* (yield* Integrations).create({ ...sonarr, options: { wholeShows: false } })
    const condition = leaf("absentEpisodes", ">", 0)
    yield* (yield* Rules).create({ name: "absent", enabled: true, effect: "lean-keep", condition })
    yield* (yield* Rules).create({
      name: "files",
      enabled: true,
      effect: "lean-keep",
      condition: leaf("cutoffMet", "equals", false)
    })
  })
  const synced = Effect.flatMap(Sync, (sync) => sync.run())
  const unknown = (field: string) =>
    Effect.flatMap(RuleTrial, (trial) =>
      Effect.map(trial.preview({ condition: leaf(field, "isNotEmpty"), truth: "unknown" }), ({ items }) =>
        items.map(({ reason }) => reason)
      )
    )
  const itemsOf = (wanted: string) =>
    Effect.flatMap(Snapshots, ({ get }) => Effect.map(get, ({ items }) => items.filter(({ kind }) => kind === wanted)))
  const shows = itemsOf("show")

  it.effect("reads them in as many calls as it says, and later only those of changed shows", () =>
    withSandbox(
      { items: 200, kinds: ["sonarr"] },
      Effect.gen(function* () {
        yield* ready
        const { world } = yield* Sandbox
        const first = yield* synced
        const all = yield* shows
        assert.deepStrictEqual(
          first.contents
            .map(({ calls, failed, list, read }) => ({ calls, failed, list, read }))
            .toSorted((one, other) => (one.list < other.list ? -1 : 1)),
          (["episodes", "files"] as const).map((list) => ({ list, calls: all.length, read: all.length, failed: 0 }))
        )
        assert.deepStrictEqual(yield* unknown("totalEpisodes"), [])
        assert.deepStrictEqual(yield* unknown("fileQuality"), [])
        const [changed] = [...world.series.shows.values()]
        const season = changed!.seasons.find(({ files }) => files !== 0)!
        world.series.deleteFiles(season, season.files & -season.files, true)
        const later = yield* synced
        assert.deepStrictEqual(
          later.contents.map(({ calls }) => calls),
          [1, 1]
        )
      }).pipe(Effect.provide(WholeServices))
    )
  )

  it.effect("does not know the episodes of shows whose list is cut, short or empty", () =>
    withSandbox(
      { items: 200, kinds: ["sonarr"] },
      Effect.gen(function* () {
        yield* ready
        const { faults } = yield* Sandbox
        for (const fault of [
          { kind: "halfPages", how: "fail", path: "/api/v3/episode", count: 4 },
          { kind: "halfPages", how: "short", path: "/api/v3/episode", count: 4 },
          { kind: "vanish", path: "/api/v3/episode", count: 4 }
        ] as const) {
          yield* faults.replace([fault])
          yield* TestClock.adjust("40 hours")
          yield* synced
          const reasons = yield* unknown("totalEpisodes")
          assert.isAtLeast(reasons.length, 2, `${fault.kind} ${JSON.stringify(reasons)}`)
          assert.isBelow(reasons.length, (yield* itemsOf("season")).length)
          yield* faults.clear()
          yield* TestClock.adjust("2 minutes")
          yield* synced
          assert.deepStrictEqual(yield* unknown("totalEpisodes"), [], fault.kind)
        }
      }).pipe(Effect.provide(WholeServices))
    )
  )

  it.effect("reports its progress, and keeps what it has read when it is cancelled", () =>
    withSandbox(
      { items: 400, kinds: ["sonarr"] },
      Effect.gen(function* () {
        yield* ready
        const begun = yield* Deferred.make<string>()
        const sync = yield* Sync
        const fiber = yield* Effect.forkChild(
          sync.run({
            progress: (done, total, message) =>
              message.endsWith(": episodes") && done > 0
                ? Effect.andThen(Deferred.succeed(begun, `${done} of ${total}`), Effect.never)
                : Effect.void
          })
        )
        assert.match(yield* Deferred.await(begun), /^20 of \d+$/)
        assert.isTrue(Exit.hasInterrupts(yield* Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber))))
        const sql = yield* SqlClient.SqlClient
        const [row] = yield* sql<{ n: number }>`SELECT count(*) AS n FROM item_contents`
        assert.strictEqual(row?.n, 20)
        const { contents } = yield* synced
        const episodes = contents.find(({ list }) => list === "episodes")!
        assert.strictEqual(episodes.read, (yield* shows).length - 20)
      }).pipe(Effect.provide(WholeServices))
    )
  )
})
