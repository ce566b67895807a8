import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { connect, read } from "../support/FakeUpstream.ts"
import { historyRow, page, plexConfig, plexServer } from "./plex/FakePlex.ts"

const config = plexConfig
const server = plexServer
const play = historyRow

const shape = (
  entries: ReadonlyArray<{ kind: string; serverItemId: string; seasonNumber: number | null; plays: number }>
) => entries.map(({ kind, plays, seasonNumber, serverItemId }) => [kind, serverItemId, seasonNumber, plays])

describe("The libraries of Plex", () => {
  it.effect("become server items with the typed ids of movies and shows; seasons are found by their show", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        plex,
        config,
        server({
          movies: [
            {
              ratingKey: "10",
              title: "A Film",
              year: "1999",
              addedAt: "1600000000",
              studio: "A Studio",
              rating: "9.1",
              ratingImage: "rottentomatoes://image.rating.ripe",
              audienceRating: 8.4,
              audienceRatingImage: "imdb://image.rating",
              userRating: 10,
              guid: "plex://movie/5d77",
              Guid: [{ id: "imdb://tt0133093" }, { id: "tmdb://603" }, { id: "tvdb://169" }],
              Label: { tag: "keep" },
              Collection: [{ tag: "The Set" }, { tag: "More" }],
              Media: [{ Part: [{ file: "/films/A Film/a.mkv" }] }, { Part: { file: "/films/A Film/b.mkv" } }]
            },
            { ratingKey: 11, title: "Old Agent", guid: "com.plexapp.agents.imdb://tt0123456?lang=en" },
            { ratingKey: 12, title: "Home Video", guid: "local://12" },
            { ratingKey: 13, title: "Older Agent", guid: "com.plexapp.agents.themoviedb://77?lang=en" }
          ],
          shows: [
            { ratingKey: "20", title: "A Show", Guid: [{ id: "tvdb://121361" }, { id: "tmdb://1399" }] },
            { ratingKey: "21", title: "Old Show", guid: "com.plexapp.agents.thetvdb://12345?lang=en" }
          ],
          seasons: [
            { ratingKey: "30", title: "Season 1", parentRatingKey: "20", index: 1, Guid: [{ id: "tmdb://3624" }] },
            {
              ratingKey: "31",
              title: "Season 2",
              parentRatingKey: 21,
              index: "2",
              guid: "com.plexapp.agents.thetvdb://12345/2"
            }
          ]
        })
      )
      const items = yield* read(fake, "serverItems")
      assert.deepStrictEqual(items[0], {
        serverItemId: "10",
        kind: "movie",
        parentServerItemId: null,
        ids: ["imdb:tt0133093", "tmdb-movie:603"],
        title: "A Film",
        year: 1999,
        seasonNumber: null,
        library: "Films",
        guid: "plex://movie/5d77",
        paths: ["/films/A Film/a.mkv", "/films/A Film/b.mkv"],
        addedAt: "2020-09-13T12:26:40.000Z",
        ratings: { user: 10, critics: 9.1, audience: 8.4, rottenTomatoes: 9.1, imdb: 8.4 },
        studios: ["A Studio"],
        labels: ["keep"],
        collections: ["The Set", "More"],
        onWatchlist: null
      })
      assert.deepStrictEqual(items[1]?.ratings, { user: null, critics: null, audience: null })
      assert.isUndefined(items[6]?.ratings, "a season has those of its show")
      assert.deepStrictEqual(
        items.map(({ ids, kind, library, parentServerItemId, seasonNumber, serverItemId }) => [
          serverItemId,
          kind,
          library,
          ids,
          parentServerItemId,
          seasonNumber
        ]),
        [
          ["10", "movie", "Films", ["imdb:tt0133093", "tmdb-movie:603"], null, null],
          ["11", "movie", "Films", ["imdb:tt0123456"], null, null],
          ["12", "movie", "Films", [], null, null],
          ["13", "movie", "Films", ["tmdb-movie:77"], null, null],
          ["20", "show", "Series", ["tvdb:121361", "tmdb-show:1399"], null, null],
          ["21", "show", "Series", ["tvdb:12345"], null, null],
          ["30", "season", "Series", ["tvdb:121361", "tmdb-show:1399"], "20", 1],
          ["31", "season", "Series", ["tvdb:12345"], "21", 2]
        ]
      )
      assert.isTrue(fake.sent.every((sent) => sent.headers.get("x-plex-token") === config.token))
      assert.isTrue(fake.sent.every((sent) => sent.headers.get("x-plex-client-identifier") === "tendarr-7"))
      assert.isTrue(fake.sent.every((sent) => sent.headers.get("accept") === "application/json"))
      assert.isFalse(
        fake.sent.some((sent) => sent.query.has("X-Plex-Token")),
        "keys in addresses end up in logs"
      )
    })
  )

  it.effect("are read the same from XML", () =>
    Effect.gen(function* () {
      const xml = (text: string) =>
        new Response(`<?xml version="1.0"?>${text}`, { headers: { "content-type": "text/xml" } })
      const fake = yield* connect(plex, config, (sent) => {
        if (sent.path === "/library/sections") {
          return xml(
            '<MediaContainer size="1"><Directory key="1" type="movie" title="Films &amp; more"><Location id="1" path="/m"/></Directory></MediaContainer>'
          )
        }
        if (sent.path === "/accounts") return xml('<MediaContainer><Account id="1" name="owner"/></MediaContainer>')
        if (sent.path.endsWith("/label")) {
          return xml(
            '<MediaContainer size="1"><Directory key="7" title="late &amp; new" fastKey="/x"/></MediaContainer>'
          )
        }
        if (sent.path.endsWith("/collections")) return xml('<MediaContainer size="0" totalSize="0"/>')
        if (sent.path.startsWith("/library/metadata/")) return xml('<MediaContainer size="0"/>')
        if (sent.query.has("label")) {
          return xml('<MediaContainer size="1" totalSize="1"><Video ratingKey="11"/></MediaContainer>')
        }
        return xml(
          '<MediaContainer size="2" totalSize="2"><Video ratingKey="10" type="movie" title="A &#39;Film&#39;" year="1999"><Guid id="tmdb://603"/><Label tag="keep"/></Video><Video ratingKey="11" title="B"/></MediaContainer>'
        )
      })
      const items = yield* read(fake, "serverItems")
      assert.deepStrictEqual(
        items.map(({ ids, labels, library, title, year }) => ({ ids, labels, library, title, year })),
        [
          { ids: ["tmdb-movie:603"], labels: ["keep"], library: "Films & more", title: "A 'Film'", year: 1999 },
          { ids: [], labels: ["late & new"], library: "Films & more", title: "B", year: null }
        ]
      )
    })
  )

  it.effect("may be empty, without rows and without their key", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, server({}))
      assert.deepStrictEqual(yield* read(fake, "serverItems"), [])
    })
  )

  it.effect("fail completely if one list cannot be read", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, (sent) =>
        sent.query.get("type") === "3"
          ? Response.json({}, { status: 500 })
          : server({ movies: [{ ratingKey: "1" }] })(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(fake, "serverItems")))._tag, "UpstreamRefused")
    })
  )
})

describe("The playback of Plex", () => {
  it.effect("counts plays of all accounts per movie, show and season", () =>
    Effect.gen(function* () {
      const fake = yield* connect(
        plex,
        config,
        server({
          history: [
            play(1, { type: "movie", ratingKey: "10" }),
            play(2, { type: "movie", ratingKey: "10", accountID: "2" }),
            play(3, { type: "movie", ratingKey: "10", accountID: 99 }),
            play(4, { type: "movie", key: "/library/metadata/11", accountID: 0 }),
            play(5, { type: "movie", title: "gone without a key" }),
            play(6, {
              type: "episode",
              ratingKey: "40",
              grandparentKey: "/library/metadata/20",
              parentKey: "/library/metadata/30",
              parentIndex: 1
            }),
            play(7, { type: "episode", ratingKey: "41", grandparentRatingKey: 20, parentIndex: "2", accountID: 2 }),
            play(8, { type: "episode", grandparentKey: "/library/metadata/20", parentKey: "/library/metadata/30" }),
            play(9, { type: "episode", ratingKey: "42", parentIndex: 1 }),
            play(10, { type: "track", ratingKey: "50", grandparentKey: "/library/metadata/51" })
          ]
        })
      )
      const entries = yield* read(fake, "playback")
      assert.deepStrictEqual(shape(entries), [
        ["movie", "10", null, 3],
        ["movie", "11", null, 1],
        ["movie", "", null, 1],
        ["show", "20", null, 3],
        ["season", "20", 1, 2],
        ["season", "20", 2, 1]
      ])
      assert.strictEqual(entries[2]?.title, "gone without a key")
      const at = (second: number) => `2020-09-13T12:26:4${second}.000Z`
      const once = (day: string) => ({ plays: 1, firstPlayedAt: day, lastPlayedAt: day, seen: 1, lastSeenAt: day })
      assert.deepStrictEqual(entries[0]?.users, [
        { name: "owner", account: { id: "1", login: "owner", sharedIds: ["login:owner"] }, ...once(at(1)) },
        { name: "guest", account: { id: "2", sharedIds: [] }, ...once(at(2)) },
        { name: "account 99", account: { id: "99", sharedIds: [] }, ...once(at(3)) }
      ])
      assert.strictEqual(entries[0]?.lastPlayedAt, "2020-09-13T12:26:43.000Z")
      assert.deepStrictEqual(
        entries[1]?.users.map((user) => user.name),
        ["account 0"]
      )
      assert.strictEqual(fake.sent[0]?.query.get("sort"), "viewedAt:asc")
    })
  )

  const many = Array.from({ length: 2_345 }, (_, index) => play(index, { type: "movie", ratingKey: String(index % 7) }))

  it.effect("is read from every page", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, server({ history: many }))
      const entries = yield* read(fake, "playback")
      assert.strictEqual(
        entries.reduce((sum, entry) => sum + entry.plays, 0),
        2_345
      )
      assert.deepStrictEqual(
        fake.sent.flatMap((sent) => sent.query.get("X-Plex-Container-Start") ?? []),
        ["0", "1000", "2000"]
      )
    })
  )

  it.effect("fails completely if a later page fails", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, (sent) =>
        sent.query.get("X-Plex-Container-Start") === "2000"
          ? Response.json({}, { status: 500 })
          : server({ history: many })(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(fake, "playback")))._tag, "UpstreamRefused")
    })
  )

  it.effect("is malformed, not short, if there are fewer rows than announced", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, (sent) =>
        sent.path.endsWith("history/all") ? page(sent, many.slice(0, 1_500), { totalSize: 2_345 }) : server({})(sent)
      )
      const error = yield* Effect.flip(read(fake, "playback"))
      assert.strictEqual(error._tag, "UpstreamMalformed")
      assert.include(error.detail, "2345")
    })
  )

  it.effect("counts plays once that are added while pages are read", () =>
    Effect.gen(function* () {
      const growing = [...many]
      const fake = yield* connect(plex, config, (sent) => {
        const answer = server({ history: [...growing] })(sent)
        if (sent.path.endsWith("history/all")) growing.push(play(growing.length, { type: "movie", ratingKey: "new" }))
        return answer
      })
      const entries = yield* read(fake, "playback")
      assert.isAtLeast(entries.find((entry) => entry.serverItemId === "new")?.plays ?? 0, 2)
      assert.strictEqual(
        entries.reduce((sum, entry) => sum + entry.plays, 0),
        2_347
      )
    })
  )

  it.effect("misses no plays if others are deleted while pages are read", () =>
    Effect.gen(function* () {
      let pages = 0
      const named = many.map((row, index) => (index === 1_000 ? { ...row, ratingKey: "first of page two" } : row))
      const fake = yield* connect(plex, config, (sent) => {
        if (!sent.path.endsWith("history/all")) return server({})(sent)
        pages += 1
        return page(sent, pages === 1 ? named : named.slice(1))
      })
      const entries = yield* read(fake, "playback")
      assert.strictEqual(
        entries.reduce((sum, entry) => sum + entry.plays, 0),
        2_344
      )
      assert.strictEqual(entries.find((entry) => entry.serverItemId === "first of page two")?.plays, 1)
    })
  )

  it.effect("is read until a page is not full if no total is announced", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, (sent) =>
        sent.path.endsWith("history/all") ? page(sent, many, { totalSize: undefined }) : server({})(sent)
      )
      const entries = yield* read(fake, "playback")
      assert.strictEqual(
        entries.reduce((sum, entry) => sum + entry.plays, 0),
        2_345
      )
    })
  )
})

describe("The probe of Plex", () => {
  it.effect("returns the version", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, server({}))
      const probe = yield* fake.connected.probe
      assert.deepStrictEqual([probe.appName, probe.version], ["Plex Media Server", "1.40.1.8227"])
    })
  )

  it.effect("refuses a wrong token, although the identity can be read without one", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, config, (sent) =>
        sent.path === "/identity" ? server({})(sent) : new Response("<html>401</html>", { status: 401 })
      )
      assert.strictEqual((yield* Effect.flip(fake.connected.probe))._tag, "UpstreamUnauthorized")
    })
  )
})
