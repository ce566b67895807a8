/** Changes between two readings of an item are in the second one: a play, a tag, a new or withdrawn request, an outage. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import type { Connected } from "../../src/integrations/Kind.ts"
import type { ItemKind } from "../../src/integrations/Observations.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import type { UpstreamError } from "../../src/integrations/UpstreamErrors.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { connect } from "./Reading.ts"
import { again, catalogOf, keysOf, playbackOf, requestsOf, serverItemsOf, stack } from "./Rereads.ts"
import { ask, read, startOfTest } from "./SandboxTest.ts"

const firstOf = Effect.fnUntraced(function* (app: string, kind: ItemKind) {
  const connected = yield* connect(app)
  const item = (yield* catalogOf(connected)).find((one) => one.kind === kind)
  return item === undefined ? yield* Effect.die(new Error(`${app} has no ${kind}`)) : { connected, item }
})

/** A movie and an episode's season that the first person has never played, with the entries that a server has of them. */
const unplayed = Effect.fnUntraced(function* (app: string) {
  const { world } = yield* Sandbox
  const connected = yield* connect(app)
  const items = yield* serverItemsOf(connected)
  const played = new Set(world.plays.flatMap((play) => [play.movie, play.season]))
  const movie = [...world.films.onServer.values()].find((one) => !played.has(one) && one.server.matched)!
  const season = [...world.series.onServer.values()]
    .filter((show) => show.server.matched)
    .flatMap((show) => show.seasons)
    .find((one) => (one.files & 1) === 1 && !played.has(one))!
  const ofMovie = items.find((item) => item.ids.includes(`tmdb-movie:${movie.work.tmdbId}`))!
  const ofShow = items.find(
    (item) => item.kind === "show" && item.ids.includes(`tmdb-show:${season.show.work.tmdbId}`)
  )!
  const ofSeason = items.find(
    (item) => item.parentServerItemId === ofShow.serverItemId && item.seasonNumber === season.work.number
  )!
  return { connected, items, movie, season, ofMovie: keysOf(ofMovie, items), ofSeason: keysOf(ofSeason, items) }
})

describe("An item that is read again", () => {
  const taggable = [
    { app: "radarr", path: "/api/v3/movie/editor", ids: "movieIds", kind: "movie" },
    { app: "sonarr", path: "/api/v3/series/editor", ids: "seriesIds", kind: "season" },
    { app: "lidarr", path: "/api/v1/artist/editor", ids: "artistIds", kind: "album" },
    { app: "readarr", path: "/api/v1/author/editor", ids: "authorIds", kind: "author" }
  ] as const
  for (const { app, ids, kind, path } of taggable) {
    it.effect(`has the tag that was added in ${app} since, also for a part, and that it is no longer monitored`, () =>
      stack(
        [app],
        Effect.gen(function* () {
          const { connected, item } = yield* firstOf(app, kind)
          const api = path.split("/").slice(0, 3).join("/")
          const { id } = yield* read<{ readonly id: number }>(app, `${api}/tag`, {
            method: "POST",
            body: { label: "stay" }
          })
          const body = { [ids]: [Number.parseInt(item.externalId, 10)], tags: [id], applyTags: "add", monitored: false }
          yield* read(app, path, { method: "PUT", body })
          const fresh = (yield* again.catalog(connected, item)).find((one) => one.externalId === item.externalId)
          assert.include(fresh?.facts.tags ?? [], "stay")
          assert.strictEqual(fresh?.facts.monitored, false)
        })
      )
    )
  }

  it.effect("is absent if its application reports it, a part with its whole", () =>
    stack(
      ["radarr", "sonarr", "lidarr", "readarr"],
      Effect.gen(function* () {
        const cases = [
          ["radarr", "movie", "/api/v3/movie"],
          ["sonarr", "show", "/api/v3/series"],
          ["sonarr", "season", "/api/v3/series"],
          ["lidarr", "artist", "/api/v1/artist"],
          ["readarr", "book", "/api/v1/author"]
        ] as const
        for (const [app, kind, path] of cases) {
          const { connected, item } = yield* firstOf(app, kind)
          yield* ask(app, `${path}/${Number.parseInt(item.externalId, 10)}?deleteFiles=true`, { method: "DELETE" })
          assert.deepStrictEqual(yield* again.catalog(connected, item), [], `${app} ${kind}`)
        }
      })
    )
  )

  it.effect("is a show without the season if the files of the season are gone", () =>
    stack(
      ["sonarr"],
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const { connected, item } = yield* firstOf("sonarr", "season")
        const show = world.series.shows.get(Number(item.parentExternalId))!
        const season = show.seasons.find((one) => one.work.number === item.facts.seasonNumber)!
        world.series.deleteFiles(season, season.files, true)
        const fresh = yield* again.catalog(connected, item)
        assert.strictEqual(fresh[0]?.externalId, item.parentExternalId)
        assert.isFalse(fresh.some((one) => one.externalId === item.externalId))
      })
    )
  )

  for (const app of ["plex", "jellyfin", "emby", "tautulli"]) {
    const server = app === "tautulli" ? "plex" : app
    it.effect(`has the plays on ${app} since, and what is being played`, () =>
      stack(
        [...new Set([app, server])],
        Effect.gen(function* () {
          const { world } = yield* Sandbox
          const { movie, ofMovie, ofSeason, season } = yield* unplayed(server)
          const connected = yield* connect(app)
          const nothing = yield* again.playback(connected, [ofMovie])
          assert.deepStrictEqual(nothing, [])
          const [person, other] = world.people
          yield* TestClock.setTime(startOfTest + 86_400_000)
          world.watch(person!, movie, null, 0)
          world.play(other!, null, season, 1, 30)
          const [watched, ...more] = yield* again.playback(connected, [ofMovie])
          assert.deepStrictEqual(more, [])
          assert.strictEqual(watched?.plays, 1)
          assert.strictEqual(watched?.lastPlayedAt, new Date(startOfTest + 86_400_000).toISOString())
          assert.isUndefined(watched?.playing)
          const running = (yield* again.playback(connected, [ofSeason])).filter((entry) => entry.playing === true)
          assert.sameDeepMembers(
            running.map(({ kind, seasonNumber }) => [kind, seasonNumber]),
            [
              ["show", null],
              ["season", season.work.number]
            ]
          )
          // What others play is not included.
          assert.isFalse((yield* again.playback(connected, [ofMovie])).some((entry) => entry.kind !== "movie"))
          assert.isAbove((yield* playbackOf(connected)).length, 20)
        })
      )
    )
  }

  for (const app of ["plex", "jellyfin", "emby"]) {
    it.effect(`has the labels and collections that were added on ${app} since, and shows that it is gone`, () =>
      stack(
        [app],
        Effect.gen(function* () {
          const { world } = yield* Sandbox
          const { connected, movie, ofMovie, ofSeason, season } = yield* unplayed(app)
          movie.server.labels.add("Stay")
          movie.server.collections.add("Of tonight")
          season.show.server.collections.add("Of tonight")
          world.revision++
          const [fresh] = yield* again.serverItems(connected, [ofMovie])
          assert.include(fresh?.labels ?? [], "Stay")
          assert.include(fresh?.collections ?? [], "Of tonight")
          const both = yield* again.serverItems(connected, [ofSeason])
          assert.sameMembers(
            both.map((item) => item.kind),
            ["show", "season"]
          )
          world.shelfOfMovie(movie).deleteFile(movie, true)
          assert.deepStrictEqual(yield* again.serverItems(connected, [ofMovie]), [])
          assert.lengthOf(yield* again.serverItems(connected, [ofMovie, ofSeason]), 2)
        })
      )
    )
  }

  for (const app of ["overseerr", "seerr", "ombi"]) {
    it.effect(`has the request that was made in ${app} since, and not one that was withdrawn`, () =>
      stack(
        [app, "radarr"],
        Effect.gen(function* () {
          const { world } = yield* Sandbox
          const connected = yield* connect(app)
          const all = yield* requestsOf(connected)
          const item = (yield* catalogOf(yield* connect("radarr"))).find(
            ({ ids }) => !all.some((request) => request.ids.some((id) => ids.includes(id)))
          )!
          const wanted = { kind: "movie", ids: item.ids } as const
          assert.deepStrictEqual(yield* again.requests(connected, wanted), [])
          const movie = world.films.movies.get(Number(item.externalId))!
          const [person] = world.people
          const request = {
            id: 9_001,
            mediaId: 9_001,
            person: person!,
            movie: movie.work,
            show: null,
            seasons: [],
            createdAt: world.now(),
            is4k: false,
            status: "pending"
          } as const
          world.requests = [...world.requests, request]
          world.revision++
          const [fresh] = yield* again.requests(connected, wanted)
          assert.strictEqual(fresh?.requestedAt, new Date(startOfTest).toISOString())
          assert.include(fresh?.requesterNames ?? [], person!.friendlyName)
          world.requests = world.requests.filter((one) => one !== request)
          world.revision++
          assert.deepStrictEqual(yield* again.requests(connected, wanted), [])
        })
      )
    )
  }
})

describe("An item whose application does not respond", () => {
  const target = { externalId: "1", title: "Anything", ids: ["tmdb-movie:1", "tmdb-show:1"] }
  const season = { number: 1, serverItemId: "3000001" }
  const entries = [
    { kind: "movie", serverItemId: "1001", guid: "plex://movie/1", title: "Anything", season: null },
    { kind: "show", serverItemId: "2000001", guid: null, title: "Anything", season }
  ] as const
  /** Every reading of one item that a connection is capable of. */
  const readingsOf = ({
    reread = {},
    removal
  }: Connected): ReadonlyArray<Effect.Effect<ReadonlyArray<object>, UpstreamError>> => {
    const odd = () => new OddRecords()
    return [
      ...(removal?.kinds ?? []).flatMap((kind) => reread.catalog?.({ ...target, kind }, odd()) ?? []),
      ...[reread.serverItems?.(entries, odd()) ?? [], reread.playback?.(entries, odd()) ?? []].flat(),
      ...(["movie", "show"] as const).flatMap((kind) => reread.requests?.({ kind, ids: target.ids }, odd()) ?? [])
    ]
  }
  /** All kinds, each at the address that `url` derives from the correct one. */
  const everywhere = Effect.fnUntraced(function* (url: (right: string) => string, fetch?: typeof globalThis.fetch) {
    const { integrations } = yield* Sandbox
    const client = yield* UpstreamClient.pipe(
      Effect.provide(KyUpstreamClient.layerWith({ retries: 0, ...(fetch === undefined ? {} : { fetch }) }))
    )
    const kinds = yield* Kinds
    let count = 0
    for (const integration of integrations) {
      const kind = yield* kinds.find(integration.kind)
      if (kind === undefined) continue
      const connected = kind.connect(client, { ...integration, url: url(integration.url), integrationId: "1" })
      for (const reading of readingsOf(connected)) {
        count++
        assert.isTrue(Result.isFailure(yield* Effect.result(reading)), `${integration.name} says that it is gone`)
      }
    }
    return count
  }, Effect.provide(Kinds.layer))

  it.effect("is not absent if the address points next to the application", () =>
    stack(
      ["all"],
      Effect.map(
        everywhere((right) => `${right}/beside`),
        (count) => assert.isAbove(count, 20)
      )
    )
  )

  it.effect("is not absent if a proxy responds with 404 to everything", () =>
    stack(
      ["all"],
      Effect.map(
        everywhere(
          (right) => right,
          async () => Response.json({ message: "NotFound" }, { status: 404 })
        ),
        (count) => assert.isAbove(count, 20)
      )
    )
  )

  it.effect("is not absent if the application is down", () =>
    stack(
      ["all"],
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        yield* faults.add({ kind: "down", how: "status" })
        assert.isAbove(yield* everywhere((right) => right), 20)
      })
    )
  )
})
