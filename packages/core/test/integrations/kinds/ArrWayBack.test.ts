/** Restores in Servarr applications that refuse a step, and settings of a person that a restore keeps. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Kind, RemovalTarget } from "../../../src/integrations/Kind.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import { whileTimePasses } from "../../support/PassingTime.ts"
import { type Answers, connect } from "../support/FakeUpstream.ts"
import {
  album,
  albumUuid,
  artist,
  artistUuid,
  author,
  book,
  movie,
  plain,
  scene,
  season,
  series,
  status
} from "./ArrAnswers.ts"
import { config, seasonOne, show } from "./SonarrLibrary.ts"

const kept = Effect.fnUntraced(function* <C>(kind: Kind<C>, own: C, target: RemovalTarget, answers: Answers) {
  const fake = yield* connect(kind, own, answers)
  const presence = yield* fake.connected.removal!.presence(target)
  if (presence._tag === "Absent") return yield* Effect.die(new Error("it is there"))
  // Restore data is stored as JSON in between.
  const restore: Record<string, unknown> = JSON.parse(JSON.stringify(presence.restore))
  return restore
})

const refusing =
  (path: string, answers: Answers): Answers =>
  (sent) =>
    sent.path.endsWith(path) && sent.method !== "GET"
      ? Response.json({ message: "database is locked" }, { status: 500 })
      : answers(sent)

describe("A season whose show's id was reassigned to another show", () => {
  it.effect("is not restored because the other show has that season", () =>
    Effect.gen(function* () {
      const now: Answers = (sent) => (sent.method === "GET" ? series(5) : {})
      const data = yield* kept(sonarr, config, seasonOne, plain(now))
      assert.isNumber(data["tvdbId"])
      const fake = yield* connect(sonarr, config, (sent) =>
        sent.path.endsWith("/series/5") ? { ...series(5), tvdbId: 999 } : sent.path.endsWith("/series") ? [] : now(sent)
      )
      assert.isNull(yield* fake.connected.removal!.isBack(data))
    })
  )
})

describe("A search that is refused", () => {
  const parts: ReadonlyArray<[kind: typeof sonarr, part: RemovalTarget, now: Answers]> = [
    [sonarr, seasonOne, (sent) => (sent.method === "GET" ? series(5) : {})],
    [
      lidarr,
      { externalId: "5:a31", kind: "album", title: "Album 31", ids: [] },
      (sent) => (sent.method === "GET" ? album(31, 5) : {})
    ],
    [
      readarr,
      { externalId: "5:b31", kind: "book", title: "Book 31", ids: [] },
      (sent) => (sent.method === "GET" ? book(31, 5) : {})
    ]
  ]
  for (const [kind, part, now] of parts) {
    it.effect(`is reported for the restored ${part.kind}, and requested again by another restore`, () =>
      Effect.gen(function* () {
        const data = yield* kept(kind, config, part, plain(now))
        const fake = yield* connect(kind, config, refusing("/command", now))
        const { externalId, notSearched } = yield* fake.connected.removal!.restore(data)
        assert.strictEqual(externalId, part.externalId)
        assert.match(notSearched ?? "", /database is locked/)
        assert.isNotNull(yield* fake.connected.removal!.isBack(data))
        const later = yield* connect(kind, config, now)
        assert.deepStrictEqual(yield* later.connected.removal!.restore(data), { externalId })
        assert.strictEqual(later.calls().at(-1), `POST ${kind === sonarr ? "/api/v3" : "/api/v1"}/command`)
      })
    )

    it.effect(`is a failure without a response: a search for the ${part.kind} may have started or not`, () =>
      Effect.gen(function* () {
        const data = yield* kept(kind, config, part, plain(now))
        const fake = yield* connect(kind, config, (sent) => {
          if (sent.path.endsWith("/command")) throw new TypeError("fetch failed")
          return now(sent)
        })
        assert.strictEqual((yield* Effect.flip(fake.connected.removal!.restore(data)))._tag, "UpstreamUnreachable")
      })
    )
  }
})

describe("Episodes whose monitoring differs from their season", () => {
  const episode = (id: number, monitored: boolean, changes: Record<string, unknown> = {}) => ({
    id,
    seriesId: 5,
    seasonNumber: 1,
    episodeNumber: id % 10,
    monitored,
    ...changes
  })
  const before =
    (episodes: unknown): Answers =>
    (sent) => {
      if (sent.path.endsWith("/episode")) return episodes
      if (sent.path.endsWith("/importlistexclusion")) return []
      return series(5)
    }
  const odd = [episode(21, true), episode(22, false), episode(23, true)]

  /** The show is added again; its episodes appear after `lists` requests for them. */
  const addedAnew =
    (lists: number, episodes: ReadonlyArray<unknown>): Answers =>
    (sent) => {
      switch (`${sent.method} ${sent.path}`) {
        case "GET /api/v3/series":
        case "GET /api/v3/importlistexclusion":
          return []
        case "POST /api/v3/series":
          return Response.json({ id: 88 }, { status: 201 })
        case "GET /api/v3/episode":
          return lists-- > 0 ? [] : episodes
        case "GET /api/v3/series/5":
          return undefined
        case "GET /api/v3/system/status":
          return status("Sonarr")
        default:
          return {}
      }
    }

  it.effect("are set again before the search for a show that was added again", () =>
    Effect.gen(function* () {
      const data = yield* kept(sonarr, config, show, before(odd))
      const fake = yield* connect(sonarr, config, addedAnew(3, [episode(41, true), episode(42, true)]))
      assert.deepStrictEqual(yield* whileTimePasses(fake.connected.removal!.restore(data)), { externalId: "88" })
      const changes = fake.sent.filter((sent) => sent.method !== "GET")
      assert.deepStrictEqual(
        changes.map((sent) => `${sent.method} ${sent.path}`),
        ["POST /api/v3/series", "PUT /api/v3/episode/monitor", "POST /api/v3/command"]
      )
      assert.notProperty(changes[0]?.body, "addOptions", "nobody searches, or sets flags, before")
      assert.deepStrictEqual(changes[1]?.body, { episodeIds: [42], monitored: false })
      assert.deepStrictEqual(changes[2]?.body, { name: "MissingEpisodeSearch", seriesId: 88 })
    })
  )

  it.effect("that do not appear in time are not searched for, which is reported", () =>
    Effect.gen(function* () {
      for (const [target, externalId] of [
        [show, "88"],
        [seasonOne, "88:s1"]
      ] as const) {
        const data = yield* kept(sonarr, config, target, before(odd))
        const fake = yield* connect(sonarr, config, addedAnew(1_000, []))
        const back = yield* whileTimePasses(fake.connected.removal!.restore(data))
        assert.strictEqual(back.externalId, externalId)
        assert.match(back.notSearched ?? "", /not there yet: season 1 episode 2$/)
        assert.notInclude(fake.calls(), "POST /api/v3/command")
        assert.isBelow(fake.calls().length, 25, "it is not requested forever")
      }
    })
  )

  it.effect("are not searched for if their flags could not be set", () =>
    Effect.gen(function* () {
      const data = yield* kept(sonarr, config, seasonOne, before(odd))
      const now: Answers = (sent) =>
        sent.method !== "GET" ? {} : sent.path.endsWith("/episode") ? [episode(22, true)] : series(5)
      const fake = yield* connect(sonarr, config, refusing("/episode/monitor", now))
      yield* Effect.flip(fake.connected.removal!.restore(data))
      assert.notInclude(fake.calls(), "POST /api/v3/command")
    })
  )

  it.effect("are not waited for if there are none", () =>
    Effect.gen(function* () {
      const data = yield* kept(sonarr, config, show, before([episode(21, true)]))
      const fake = yield* connect(sonarr, config, addedAnew(0, []))
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(data), { externalId: "88" })
      assert.notInclude(fake.calls(), "GET /api/v3/episode")
      assert.deepNestedInclude(fake.sent.at(-1), { "body.addOptions": { searchForMissingEpisodes: true } })
    })
  )

  it.effect("that cannot be read prevent the removal of their show and season", () =>
    Effect.gen(function* () {
      for (const target of [show, seasonOne]) {
        for (const answer of [
          { message: "a page of something else" },
          // A faulty one without a lasting id.
          [episode(21, false, { episodeNumber: undefined, tvdbId: 0 })]
        ]) {
          const fake = yield* connect(sonarr, config, before(answer))
          yield* Effect.flip(fake.connected.removal!.presence(target))
        }
      }
    })
  )

  it.effect("are missing from restore data of older versions, which can still be used", () =>
    Effect.gen(function* () {
      const { episodes: _episodes, excluded: _excluded, ...old } = yield* kept(sonarr, config, show, before(odd))
      const fake = yield* connect(sonarr, config, addedAnew(0, []))
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(old), { externalId: "88" })
      assert.deepNestedInclude(fake.sent.at(-1), { "body.addOptions": { searchForMissingEpisodes: true } })
    })
  )
})

describe("An exclusion from import lists", () => {
  const wholes: ReadonlyArray<{
    readonly kind: Kind<typeof config>
    readonly target: RemovalTarget
    readonly exclusion: object
    /** The existing entries, and those that are added again. */
    readonly there: Answers
  }> = [
    {
      kind: radarr,
      target: { externalId: "3", kind: "movie", title: "Movie 3", ids: [] },
      exclusion: { id: 8, tmdbId: 603 },
      there: () => movie(3)
    },
    {
      kind: whisparr,
      target: { externalId: "5", kind: "movie", title: "Scene 5", ids: [] },
      exclusion: { id: 8, foreignId: scene(5).foreignId },
      there: () => scene(5)
    },
    { kind: sonarr, target: show, exclusion: { id: 8, tvdbId: 1005 }, there: () => series(5) },
    { kind: sonarr, target: seasonOne, exclusion: { id: 8, tvdbId: 1005 }, there: () => series(5) },
    {
      kind: lidarr,
      target: { externalId: "5", kind: "artist", title: "Artist 5", ids: [] },
      exclusion: { id: 8, foreignId: artistUuid(5) },
      there: (sent) => (sent.path.endsWith("/album") ? [album(31, 5)] : artist(5))
    },
    {
      kind: lidarr,
      target: { externalId: "5:a31", kind: "album", title: "Album 31", ids: [] },
      exclusion: { id: 8, foreignId: artistUuid(5) },
      there: () => album(31, 5, { artist: artist(5), foreignAlbumId: albumUuid(31) })
    },
    {
      kind: readarr,
      target: { externalId: "5", kind: "author", title: "Author 5", ids: [] },
      exclusion: { id: 8, foreignId: "7005" },
      there: (sent) => (sent.path.endsWith("/book") ? [book(31, 5)] : author(5))
    }
  ]
  for (const { exclusion, kind, target, there } of wholes) {
    const application: Answers = (sent) =>
      sent.path.endsWith("/system/status")
        ? { ...status(kind.title), version: "3.0.0" }
        : sent.path.endsWith("/episode")
          ? []
          : undefined
    const isList = (path: string) => /\/(exclusions|importlistexclusion)$/.test(path)
    const removedAndRestored = Effect.fnUntraced(function* (excludedBefore: boolean, old: boolean) {
      const data = yield* kept(kind, config, target, (sent) =>
        isList(sent.path)
          ? excludedBefore
            ? [exclusion]
            : [{ ...exclusion, id: 9, tmdbId: 1, tvdbId: 1, foreignId: "x" }]
          : (application(sent) ?? there(sent))
      )
      const given: unknown = old
        ? JSON.parse(JSON.stringify(data, (key, value) => (key === "excluded" ? undefined : value)))
        : data
      const fake = yield* connect(kind, config, (sent) => {
        if (sent.method === "POST") return Response.json({ id: 88 }, { status: 201 })
        if (isList(sent.path)) return [exclusion]
        if (sent.method !== "GET") return {}
        return application(sent) ?? (/\d$/.test(sent.path) ? undefined : [])
      })
      yield* fake.connected.removal!.restore(given)
      assert.isTrue(fake.calls().some((call) => call.startsWith("POST")))
      return fake.calls().filter((call) => call.startsWith("DELETE")).length
    })

    it.effect(
      `that a person created stays when the ${target.kind} is restored in ${kind.title}; one of its removal is deleted`,
      () =>
        Effect.gen(function* () {
          assert.strictEqual(yield* removedAndRestored(true, false), 0)
          assert.strictEqual(yield* removedAndRestored(false, false), 1)
          assert.strictEqual(yield* removedAndRestored(true, true), 1, "what older versions kept does not say")
        })
    )

    it.effect(`that cannot be read prevents the removal of the ${target.kind} from ${kind.title}`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(kind, config, (sent) =>
          isList(sent.path) ? new Response(null, { status: 500 }) : (application(sent) ?? there(sent))
        )
        assert.strictEqual((yield* Effect.flip(fake.connected.removal!.presence(target)))._tag, "UpstreamRefused")
      })
    )
  }
})

describe("A season that is not monitored except for single episodes", () => {
  it.effect("has none of them monitored before its files are deleted", () =>
    Effect.gen(function* () {
      const now = series(5, { seasons: [season(1, 3, { monitored: false })] })
      const fake = yield* connect(sonarr, config, (sent) => {
        if (sent.method !== "GET") return {}
        if (sent.path.endsWith("/episodefile")) return [{ id: 31, seasonNumber: 1 }]
        return sent.path.endsWith("/episode")
          ? [
              { id: 21, seasonNumber: 1, episodeNumber: 1, monitored: true },
              { id: 22, seasonNumber: 1, episodeNumber: 2, monitored: false }
            ]
          : now
      })
      yield* fake.connected.removal!.remove(seasonOne, { addImportExclusion: false })
      const changes = fake.sent.filter((sent) => sent.method !== "GET")
      assert.deepStrictEqual(
        changes.map((sent) => `${sent.method} ${sent.path}`),
        ["PUT /api/v3/series/5", "PUT /api/v3/episode/monitor", "DELETE /api/v3/episodefile/bulk"]
      )
      assert.deepStrictEqual(changes[1]?.body, { episodeIds: [21], monitored: false })
    })
  )
})
