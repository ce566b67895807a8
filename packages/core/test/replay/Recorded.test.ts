/** All steps over real HTTP with the recorded responses of real applications: connect, sync, preview, explain, run. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Preview } from "../../src/capacity/Preview.ts"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import type { PlanReport } from "../../src/removals/Planner.ts"
import { capacityJob } from "../../src/jobs/JobNames.ts"
import { Services } from "../../src/Services.ts"
import { hasShared } from "../integrations/support/Shared.ts"
import { removals } from "../support/Stack.ts"
import { SqlTest } from "../support/Sql.ts"
import { plex, radarr, type Replayed, requests, sonarr, tautulli } from "./Replay.ts"

/** The day after the last recorded play. */
const day = Date.UTC(2026, 10, 11)

const WholeServices = Services.pipe(
  Layer.provideMerge(SqlTest),
  Layer.provide(Layer.effectDiscard(TestClock.setTime(day)))
)

const connect = (kind: string, name: string, server: Replayed) =>
  Effect.flatMap(Integrations, (integrations) =>
    integrations.create({
      kind,
      name,
      url: server.url,
      config: kind === "plex" ? { token: server.key } : { apiKey: server.key }
    })
  )

const run = Effect.flatMap(Sync, (sync) => sync.run())

const titles = Effect.flatMap(Library, (library) =>
  Effect.map(library.page({ limit: 200 }), ({ items }) => items.map((item) => [item.kind, item.title] as const))
)

const idOf = (kind: string, externalId?: string) =>
  Effect.flatMap(Library, (library) =>
    Effect.map(library.page({ limit: 200 }), ({ items }) => {
      const found = items.find(
        (item) => item.kind === kind && (externalId === undefined || item.externalId === externalId)
      )
      if (found === undefined) throw new Error(`There is no ${kind} ${externalId ?? ""}`)
      return found.id
    })
  )

/** Facts of an item by name: the value, or `unknown: why`. */
const factsOf = (itemId: string) =>
  Effect.gen(function* () {
    const explain = yield* Explain
    const { decision } = yield* explain.item(itemId)
    const facts = decision?.facts ?? []
    return {
      decision: decision!,
      facts: Object.fromEntries(
        facts.map((fact) => [fact.fact, fact.state === "known" ? fact.value : `unknown: ${fact.reason}`])
      )
    }
  })

/** A folder with the same free space as its disk, which was recorded in another installation. */
const withItsSpace = (text: string) => text.replace("282500064232", "16187217043456")

/** An item that the server also has, and that nobody has begun. */
const thirdSeason = (first: string) =>
  first
    .replaceAll('"20"', '"23"')
    .replace("/1?lang", "/3?lang")
    .replace(' index="1"', ' index="3"')
    .replace(/ viewCount="\d+" lastViewedAt="\d+"/, "")
    .replace(/viewedLeafCount="\d+"/, 'viewedLeafCount="0"')

const dryRun = Effect.gen(function* () {
  const jobs = yield* Jobs
  const { id } = yield* jobs.start(capacityJob, { startedBy: "person", options: { dryRun: true } })
  const ended = yield* jobs.await(id)
  return { ...ended, result: ended.result as PlanReport }
})

describe.skipIf(!hasShared)("A stack of recorded responses", () => {
  it.effect("works from connection to run, although no two of the recordings share an item", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      const health = yield* HealthMonitor
      const integrations = yield* Integrations
      const stack = {
        first: yield* radarr(
          "radarr/home-assistant/movie.json",
          "arr-common/aiopyarr/diskspace.json",
          "radarr/home-assistant/rootfolder-windows.json",
          withItsSpace
        ),
        second: yield* radarr(
          "radarr/aiopyarr/movie-list.json",
          "arr-common/aiopyarr/diskspace.json",
          "arr-common/aiopyarr/rootfolder.json"
        ),
        sonarr: yield* sonarr("sonarr/home-assistant/series.json"),
        plex: yield* plex(),
        tautulli: yield* tautulli(),
        overseerr: yield* requests("overseerr", true),
        seerr: yield* requests("seerr", true)
      }
      yield* connect("radarr", "Radarr", stack.first)
      yield* connect("radarr", "Radarr 4K", stack.second)
      yield* connect("sonarr", "Sonarr", stack.sonarr)
      yield* connect("plex", "Plex", stack.plex)
      yield* connect("tautulli", "Tautulli", stack.tautulli)
      yield* connect("overseerr", "Overseerr", stack.overseerr)
      yield* connect("seerr", "Seerr", stack.seerr)

      yield* health.checkDue
      assert.deepStrictEqual(
        (yield* integrations.list).map((one) => [one.name, one.health.status, one.health.appVersion]),
        [
          ["Radarr", "up", "10.0.0.34882"],
          ["Radarr 4K", "up", "10.0.0.34882"],
          ["Sonarr", "up", "3.0.6.1451"],
          ["Plex", "up", "1.20.4.3517-ab5e1197c"],
          ["Tautulli", "up", "2.17.2"],
          ["Overseerr", "up", "develop-local"],
          ["Seerr", "up", "develop-local"]
        ]
      )

      const report = yield* run
      assert.deepStrictEqual(
        report.integrations.map((one) => [one.name, one.outcome, one.entries, one.calls]),
        [
          ["Radarr", "applied", { catalog: 1, disks: 1 }, 6],
          ["Radarr 4K", "applied", { catalog: 1, disks: 1 }, 6],
          ["Sonarr", "applied", { catalog: 2, disks: 1 }, 6],
          ["Plex", "applied", { serverItems: 7, playback: 0 }, 16],
          ["Tautulli", "applied", { playback: 4 }, 2],
          ["Overseerr", "applied", { requests: 10 }, 1],
          ["Seerr", "applied", { requests: 10 }, 1]
        ]
      )
      assert.deepStrictEqual(yield* titles, [
        ["show", "The Andy Griffith Show"],
        ["season", "The Andy Griffith Show - Season 3"],
        ["movie", "string"],
        ["movie", "string"]
      ])

      const movie = yield* factsOf(yield* idOf("movie"))
      assert.deepInclude(movie.facts, {
        title: "string",
        sizeBytes: 916_662_234,
        addedAt: "2020-11-26T02:00:35.000Z",
        rating: null,
        qualityProfile: "string",
        tags: ["#0"],
        resolution: "720p",
        videoCodec: "x264",
        playCount: "unknown: not-matched",
        lastPlayedAt: "unknown: not-matched",
        requested: "unknown: not-matched"
      })
      assert.strictEqual(movie.decision.status, "undecided")
      assert.isNull(movie.decision.diskGroup, "its folder is the word `string`")

      const season = yield* factsOf(yield* idOf("season"))
      assert.deepInclude(season.facts, {
        seasonNumber: 3,
        sizeBytes: 8_000_000_000,
        showStatus: "ended",
        playCount: "unknown: not-matched",
        requested: false,
        requestCount: 0,
        watchedByRequester: false
      })
      assert.strictEqual(season.decision.status, "undecided")
      assert.deepStrictEqual(season.decision.undecidedBecause, ["playCount", "lastPlayedAt", "addedAt"])

      const { summary } = yield* preview.page({})
      assert.strictEqual(summary.candidate.items, 0)
      assert.deepStrictEqual(summary.undecided, { items: 3, bytes: 8_916_662_234 }, "both films are in one place")
      assert.deepStrictEqual(summary.irremovable, { items: 0, bytes: 0 }, "its show counts with the season")

      const ended = yield* dryRun
      assert.strictEqual(ended.status, "completed")
      assert.deepInclude(ended.result, { evaluated: 3, candidates: 0, undecided: 3, proposed: 0, scheduled: 0 })
      assert.deepStrictEqual(
        ended.result.groups.map((group) => [group.mountPath, group.usedPercent, group.breached, group.plannedItems]),
        [
          ["C:", 43.47, false, 0],
          ["D:", 71.1, false, 0]
        ]
      )
      assert.deepStrictEqual(yield* removals, [])
      assert.isTrue(Object.values(stack).every((server) => server.calls().every((call) => call.startsWith("GET "))))
    }).pipe(Effect.scoped, Effect.provide(WholeServices))
  )

  it.effect("is joined, scored and planned if its ids belong to one library", () =>
    Effect.gen(function* () {
      const preview = yield* Preview
      const groups = yield* DiskGroups
      const movie = yield* radarr(
        "radarr/home-assistant/movie.json",
        "arr-common/aiopyarr/diskspace.json",
        "radarr/home-assistant/rootfolder-windows.json",
        (text) =>
          withItsSpace(text)
            .replace('"tmdbId": 0,', '"tmdbId": 562,')
            .replace('"imdbId": "string"', '"imdbId": "tt0123456"')
            .replace('"path": "string"', '"path": "D:\\\\Downloads\\\\TV\\\\A film"')
      )
      const series = yield* sonarr("sonarr/home-assistant/series.json", (text) =>
        text.replace('"F:\\\\The Andy', '"C:\\\\Downloads\\\\Movies\\\\The Andy').replaceAll("77754", "371028")
      )
      yield* connect("radarr", "Radarr", movie)
      yield* connect("sonarr", "Sonarr", series)
      // One of the five films keeps its id, the show gets that of the series.
      yield* connect(
        "plex",
        "Plex",
        yield* plex((text) =>
          text
            .replace(/tt0123456(?=[^>]*ratingKey="[2-5]")/g, "tt0000001")
            .replaceAll("thetvdb://12345", "thetvdb://371028")
            .replace(/<Directory ratingKey="20"[^]*<\/Directory>/, (first) => first + thirdSeason(first))
        )
      )
      yield* connect(
        "tautulli",
        "Tautulli",
        yield* tautulli((text) => text.replaceAll(/"rating_key": ?101/g, '"rating_key": 1').replaceAll(/201/g, "30"))
      )
      yield* connect("overseerr", "Overseerr", yield* requests("overseerr", true))
      const report = yield* run
      assert.isTrue(report.integrations.every((one) => one.outcome === "applied"))

      const film = yield* factsOf(yield* idOf("movie"))
      assert.deepInclude(film.facts, {
        // Two plays of Alice, and the one of the owner, which the entry of the film contains.
        playCount: 3,
        watchedBy: ["User 1", "alice", "Alice", "alice@example.invalid"],
        library: ["Movies"],
        requested: true,
        requestCount: 1,
        watchedByRequester: false
      })
      assert.strictEqual(film.decision.status, "candidate")
      assert.deepInclude(film.decision.diskGroup, { mountPath: "D:", breached: false })

      const show = yield* factsOf(yield* idOf("show"))
      assert.deepInclude(show.facts, {
        playCount: 3,
        watchedBy: ["bob", "Bob", "bob@example.invalid"],
        requested: true,
        library: ["TV Shows"]
      })
      const season = yield* factsOf(yield* idOf("season"))
      assert.deepInclude(season.facts, {
        playCount: 0,
        lastPlayedAt: null,
        watchedBy: [],
        requested: false
      })
      // Season 1 was watched lately and season 2 is not there, so that this one may be next; which is allowed here.
      assert.deepStrictEqual(season.decision.undecidedBecause, ["upNext"])
      for (const group of yield* groups.list) yield* groups.update(group.id, { allowedUnknown: ["upNext"] })
      assert.strictEqual((yield* factsOf(yield* idOf("season"))).decision.status, "candidate")

      for (const group of yield* groups.list) {
        yield* groups.update(group.id, { limits: { type: "percent", threshold: 40, target: 30 } })
      }
      const { items, summary } = yield* preview.page({ status: "planned" })
      assert.strictEqual(
        summary.planned.items,
        1,
        "a quarter of the library is less than one item, and one item may always be removed"
      )
      assert.deepStrictEqual(
        items.map((item) => item.title),
        ["The Andy Griffith Show - Season 3"]
      )
      const ended = yield* dryRun
      assert.strictEqual(ended.status, "completed")
      assert.deepInclude(ended.result, { evaluated: 2, candidates: 2, undecided: 0 })
      assert.deepStrictEqual(
        ended.result.groups.map((group) => [group.mountPath, group.plannedItems, group.plannedBytes, group.limitedBy]),
        [
          ["C:", 1, 8_000_000_000, "candidates"],
          ["D:", 0, 0, "caps"]
        ]
      )
      assert.deepStrictEqual(yield* removals, [])
    }).pipe(Effect.scoped, Effect.provide(WholeServices))
  )

  it.effect("applies nothing of a list of which only the first page was received", () =>
    Effect.gen(function* () {
      yield* connect("overseerr", "Overseerr", yield* requests("overseerr", false))
      yield* connect("seerr", "Seerr", yield* requests("seerr", false))
      const report = yield* run
      assert.deepStrictEqual(
        report.integrations.map((one) => [one.outcome, one.detail?.replace(/^.*: /, "")]),
        [
          ["failed", "10 rows came of the 14 that were announced"],
          ["failed", "10 rows came of the 48 that were announced"]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(WholeServices))
  )

  it.effect("loses no film if an application that was read before begins to return empty lists", () =>
    Effect.gen(function* () {
      const server = yield* radarr(
        "radarr/home-assistant/movie.json",
        "arr-common/aiopyarr/diskspace.json",
        "radarr/home-assistant/rootfolder-windows.json",
        (text) => text.replace(/^\[([^]*)\]\s*$/, (_, one) => `[${one}, ${one.replace('"id": 0,', '"id": 7,')}]`)
      )
      yield* connect("radarr", "Radarr", server)
      yield* run
      const before = server.answer
      server.answer = (url) => (url.pathname === "/api/v3/movie" ? "[]" : before(url))
      assert.deepStrictEqual(
        (yield* run).integrations.map((one) => one.outcome),
        ["held"]
      )
      server.answer = (url) => (url.pathname === "/api/v3/movie" ? '[{"id": 1' : before(url))
      assert.deepStrictEqual(
        (yield* run).integrations.map((one) => one.outcome),
        ["failed"]
      )
      assert.lengthOf(yield* titles, 2)
    }).pipe(Effect.scoped, Effect.provide(WholeServices))
  )
})
