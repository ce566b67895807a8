/** What the simulated managers report about parts, faulty records and 4K copies, read by the real kinds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Engine } from "../../src/capacity/Engine.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connectSandbox } from "../../src/server/SandboxServing.ts"
import { Services } from "../../src/Services.ts"
import { SqlTest } from "../support/Sql.ts"
import { connect, silent } from "./Reading.ts"
import { read, withSandbox } from "./SandboxTest.ts"

const catalogOf = Effect.fnUntraced(function* (app: string, odd: OddRecords = new OddRecords()) {
  const { read: reads } = yield* connect(app)
  return yield* reads.catalog?.(silent, odd) ?? Effect.die(new Error(`${app} has no catalog`))
})

const requestsIn = Effect.fnUntraced(function* (app: string, odd: OddRecords = new OddRecords()) {
  const { read: reads } = yield* connect(app)
  return yield* reads.requests?.(silent, odd) ?? Effect.die(new Error(`${app} takes no requests`))
})

describe("Parts in the sandbox", () => {
  it.effect(
    "include specials of some shows, and shows without files; every season has the date of its own newest file",
    () =>
      withSandbox(
        { items: 600 },
        Effect.gen(function* () {
          const { world } = yield* Sandbox
          const items = yield* catalogOf("sonarr")
          assert.isTrue(items.some((item) => item.externalId.endsWith(":s0") && item.title.endsWith(" - Specials")))
          const empty = items.filter((item) => item.kind === "show" && item.facts.episodeCount === 0)
          assert.isAbove(empty.length, 0)
          assert.isTrue(empty.every((item) => item.sizeBytes === 0 && item.untold === undefined))
          const days = new Map(
            [...world.shows.values()].flatMap((show) =>
              show.seasons.map((season) => [`${show.id}:s${season.work.number}`, world.iso(season.fileAddedAt)])
            )
          )
          const seasons = items.filter((item) => item.kind === "season")
          assert.isTrue(seasons.every((item) => item.facts.fileAddedAt === days.get(item.externalId)))
          assert.isTrue(seasons.some((item) => item.facts.onAir === true && (item.facts.unairedEpisodes ?? 0) > 0))
          assert.isTrue(
            items.every((item) => item.untold === undefined),
            "nothing is odd unless a fault says so"
          )
        })
      )
  )

  for (const app of ["lidarr", "readarr"]) {
    it.effect(`of ${app} have the date of their own newest file`, () =>
      withSandbox(
        { items: 200, kinds: [app] },
        Effect.gen(function* () {
          const works = (yield* catalogOf(app)).filter((item) => item.parentExternalId !== null)
          assert.isAbove(works.length, 0)
          assert.isTrue(works.every((item) => typeof item.facts.fileAddedAt === "string"))
        })
      )
    )
  }

  it.effect("have a history that contains only the requested events, with their episodes", () =>
    withSandbox(
      { items: 200 },
      Effect.gen(function* () {
        const path = "/api/v3/history?pageSize=1000&eventType=3"
        interface Record {
          readonly eventType: string
          readonly episode?: { readonly seasonNumber: number }
        }
        const { records } = yield* read<{ readonly records: ReadonlyArray<Record> }>(
          "sonarr",
          `${path}&includeEpisode=true`
        )
        assert.isTrue(records.every((one) => one.eventType === "downloadFolderImported" && one.episode !== undefined))
        const bare = yield* read<{ readonly records: ReadonlyArray<Record> }>("sonarr", path)
        assert.isTrue(bare.records.every((one) => one.episode === undefined))
        const grabbed = yield* read<{ readonly records: ReadonlyArray<Record> }>(
          "sonarr",
          "/api/v3/history?eventType=1"
        )
        assert.isNotEmpty(grabbed.records)
        assert.isTrue(grabbed.records.every((one) => one.eventType === "grabbed"))
      })
    )
  )
})

describe("One faulty record", () => {
  for (const app of ["radarr", "sonarr", "lidarr"]) {
    it.effect(`in ${app} affects only facts of its own item`, () =>
      withSandbox(
        { items: 200 },
        Effect.gen(function* () {
          const { faults } = yield* Sandbox
          const before = yield* catalogOf(app)
          yield* faults.add({ kind: "wrongTypes", how: "record", app })
          const odd = new OddRecords()
          const items = yield* catalogOf(app, odd)
          const [first] = items.filter((item) => item.untold?.tags !== undefined)
          const whole = first?.parentExternalId ?? first?.externalId
          assert.isAbove(odd.count, 0)
          // Other items are unchanged, except for facts that depend on lists of names and on the history.
          const others = items.filter((item) => item.externalId !== whole && item.parentExternalId !== whole)
          const known = new Map(before.map((item) => [item.externalId, item]))
          for (const item of others) assert.strictEqual(item.sizeBytes, known.get(item.externalId)?.sizeBytes)
          assert.isAtLeast(items.length, before.length - 8)
          if (items.length < before.length) assert.isAbove(odd.unidentified, 0)
        })
      )
    )
  }

  for (const app of ["seerr", "ombi"]) {
    it.effect(`does not affect the other requests of ${app}`, () =>
      withSandbox(
        { items: 200, kinds: ["radarr", "sonarr", app] },
        Effect.gen(function* () {
          const { faults } = yield* Sandbox
          const before = yield* requestsIn(app)
          yield* faults.add({ kind: "wrongTypes", how: "record", app })
          const odd = new OddRecords()
          const after = yield* requestsIn(app, odd)
          assert.strictEqual(after.length, before.length - odd.unidentified)
          assert.isAbove(odd.count, 0)
        })
      )
    )
  }
})

describe("A library with one faulty record in every application", () => {
  it.effect(
    "has the same items as before, names the faulty records, and proposes no item whose facts are uncertain",
    () =>
      withSandbox(
        { items: 200 },
        Effect.gen(function* () {
          const { faults } = yield* Sandbox
          const { run } = yield* Sync
          yield* connectSandbox()
          yield* run()
          const keys = Effect.map(
            Effect.flatMap(Snapshots, (snapshots) => snapshots.get),
            ({ items }) => items.map((item) => `${item.integrationId}/${item.externalId}`).toSorted()
          )
          const before = yield* keys
          for (const app of ["radarr", "sonarr", "lidarr", "seerr"]) {
            for (const path of [
              "/api/v3/movie",
              "/api/v3/series",
              "/api/v1/artist",
              "/api/v1/album",
              "/api/v1/request"
            ])
              yield* faults.add({ kind: "wrongTypes", how: "record", app, path })
          }
          const report = yield* run()
          for (const name of ["Radarr", "Sonarr", "Lidarr", "Seerr"]) {
            const one = report.integrations.find((each) => each.name === name)
            assert.strictEqual(one?.outcome, "applied", `${name}: ${one?.detail}`)
            assert.isAbove(one?.odd.count ?? 0, 0, name)
          }
          assert.deepStrictEqual(yield* keys, before)
          const { items } = yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.get)
          const unsure = new Set(items.filter((item) => item.data.untold?.tags !== undefined).map((item) => item.id))
          assert.isAbove(unsure.size, 2)
          const engine = yield* Engine
          const rules = yield* Rules
          const keep = { kind: "condition", field: "tags", operator: "contains", value: "keep" } as const
          yield* rules.create({ name: "Keep", enabled: true, effect: "always-keep", condition: keep })
          const decisions = yield* engine.decideAll(yield* engine.environment)
          assert.isFalse(decisions.some(({ item, status }) => unsure.has(item.id) && status === "candidate"))
        }).pipe(Effect.provide(Services.pipe(Layer.provideMerge(SqlTest))))
      )
  )
})

describe("Requests for 4K", () => {
  it.effect("name their copy, in both request managers", () =>
    withSandbox(
      { items: 400, kinds: ["radarr", "radarr", "seerr", "ombi"] },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const all = [...(yield* requestsIn("seerr")), ...(yield* requestsIn("ombi"))]
        const uhd = all.filter((request) => request.is4k === true)
        assert.isAbove(uhd.length, 0)
        assert.strictEqual(uhd.length, world.requests.filter((request) => request.is4k).length)
        const second = new Set([...world.moviesOf(2).movies.values()].map(({ work }) => `tmdb-movie:${work.tmdbId}`))
        assert.isTrue(uhd.some((request) => request.ids.some((id) => second.has(id))))
      })
    )
  )
})
