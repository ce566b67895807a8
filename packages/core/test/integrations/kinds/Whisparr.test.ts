import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { plain, scene, season, series, status } from "./ArrAnswers.ts"

const config = { apiKey: "0123456789abcdef" }

const site = series(5, { seasons: [season(2019, 4)], tmdbId: undefined, imdbId: undefined, seasonFolder: undefined })
const sceneTarget: RemovalTarget = { externalId: "5", kind: "movie", title: "Scene 5", ids: [] }
const siteTarget: RemovalTarget = { ...sceneTarget, kind: "show", title: "Show 5" }
const yearTarget: RemovalTarget = { ...siteTarget, externalId: "5:s2019", kind: "season" }

/** The application in one of its versions: paths of the other version return 404. */
const withVersion =
  (version: string, more: Answers = () => undefined): Answers =>
  (sent) => {
    const path = sent.path.slice("/api/v3/".length)
    if (path === "system/status") return { ...status("Whisparr"), version }
    if (path === "tag" || path === "qualityprofile") return []
    return path.startsWith(version.startsWith("2.") ? "movie" : "series") ? undefined : more(sent)
  }

describe("Whisparr", () => {
  it.effect("reads sites and years from version 2, and does not treat their ids as those of shows", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        whisparr,
        config,
        withVersion("2.0.0.548", () => [site])
      )
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.kind, item.externalId, item.ids]),
        [
          ["show", "5", ["tpdb:1005"]],
          ["season", "5:s2019", ["tpdb:1005"]]
        ]
      )
    })
  )

  it.effect("reads scenes and movies from version 3", () =>
    Effect.gen(function* () {
      const film = scene(6, {
        itemType: "movie",
        tmdbId: 77,
        imdbId: "tt0000077",
        stashId: null,
        foreignId: "tmdbid:77"
      })
      const bare = scene(7, { hasFile: null, sizeOnDisk: null, statistics: null })
      const fake = yield* connect(
        whisparr,
        config,
        withVersion("3.0.2.1", () => [scene(5), film, bare])
      )
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.kind, item.externalId, item.ids]),
        [
          ["movie", "5", [`stashdb:${scene(5).stashId}`]],
          ["movie", "6", ["tmdb-movie:77", "imdb:tt0000077"]]
        ]
      )
      assert.deepInclude(items[0]?.facts, { studio: "A Site", releasedAt: "2019-05-06T00:00:00.000Z" })
    })
  )

  it.effect("reports the version, and refuses an unknown one", () =>
    Effect.gen(function* () {
      for (const version of ["2.0.0.548", "3.0.2.1"]) {
        const { connected } = yield* connect(whisparr, config, withVersion(version))
        assert.strictEqual((yield* connected.probe).version, version)
      }
      for (const version of ["4.0.0", ""]) {
        const { connected } = yield* connect(whisparr, config, withVersion(version))
        const error = yield* Effect.flip(connected.probe)
        assert.include(error.detail, "2 or 3")
        assert.strictEqual(
          (yield* Effect.flip(read({ connected, sent: [], calls: () => [] }, "catalog")))._tag,
          error._tag
        )
      }
      const other = yield* connect(whisparr, config, () => status("Sonarr"))
      assert.include((yield* Effect.flip(other.connected.probe)).detail, "not Whisparr")
    })
  )

  it.effect("does not treat an item of the other version as absent", () =>
    Effect.gen(function* () {
      const two = yield* connect(whisparr, config, withVersion("2.0.0.548"))
      assert.include((yield* Effect.flip(two.connected.removal!.presence(sceneTarget))).detail, "not version 3")
      const three = yield* connect(whisparr, config, withVersion("3.0.2.1"))
      assert.include((yield* Effect.flip(three.connected.removal!.presence(siteTarget))).detail, "not version 2")
      assert.strictEqual((yield* three.connected.removal!.presence(sceneTarget))._tag, "Absent")
      assert.strictEqual((yield* two.connected.removal!.presence(yearTarget))._tag, "Absent")
    })
  )

  it.effect("uses the calls of its version for each kind of item", () =>
    Effect.gen(function* () {
      const fake = yield* connect(whisparr, config, () => ({}))
      const removal = fake.connected.removal!
      yield* removal.remove(sceneTarget, { addImportExclusion: true })
      yield* removal.remove(siteTarget, { addImportExclusion: true })
      assert.deepStrictEqual(
        fake.sent.map((sent) => `${sent.method} ${sent.path}?${String(sent.query)}`),
        [
          "DELETE /api/v3/movie/5?deleteFiles=true&addImportExclusion=true",
          "DELETE /api/v3/series/5?deleteFiles=true&addImportListExclusion=true"
        ]
      )
    })
  )

  it.effect("adds a scene again by its foreign id, and deletes its exclusion", () =>
    Effect.gen(function* () {
      const there = withVersion("3.0.2.1", (sent) => (sent.path.endsWith("/movie/5") ? scene(5) : []))
      const presence = yield* (yield* connect(whisparr, config, there)).connected.removal!.presence(sceneTarget)
      if (presence._tag === "Absent") return assert.fail("it is there")
      const { foreignId } = scene(5)
      const fake = yield* connect(
        whisparr,
        config,
        withVersion("3.0.2.1", (sent) => {
          if (sent.path.endsWith("/exclusions"))
            return [
              { id: 3, foreignId },
              { id: 4, foreignId: "another" }
            ]
          return sent.method === "POST" ? { id: 9 } : []
        })
      )
      const kept: unknown = JSON.parse(JSON.stringify(presence.restore))
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "9" })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/system/status",
        "GET /api/v3/movie",
        "GET /api/v3/exclusions",
        "DELETE /api/v3/exclusions/3",
        "POST /api/v3/movie"
      ])
      assert.strictEqual(fake.sent[1]?.query.get("stashId"), foreignId)
      assert.deepStrictEqual(fake.sent[4]?.body, {
        foreignId,
        stashId: foreignId,
        tmdbId: 0,
        itemType: "scene",
        title: "Scene 5",
        year: 2019,
        qualityProfileId: 4,
        rootFolderPath: "/data/scenes",
        monitored: true,
        tags: [1],
        addOptions: { searchForMovie: true }
      })
    })
  )

  it.effect("does not add a site to a version without sites", () =>
    Effect.gen(function* () {
      const { connected } = yield* connect(whisparr, config, plain(withVersion("2.0.0.548", () => site)))
      const presence = yield* connected.removal!.presence(siteTarget)
      if (presence._tag === "Absent") return assert.fail("it is there")
      const three = yield* connect(whisparr, config, withVersion("3.0.2.1"))
      assert.include((yield* Effect.flip(three.connected.removal!.restore(presence.restore))).detail, "not usable")
      assert.deepStrictEqual(three.calls(), ["GET /api/v3/system/status"])
    })
  )
})
