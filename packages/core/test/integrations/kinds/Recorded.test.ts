/** How responses that were recorded from real applications are interpreted. RecordedFiles tests that each can be decoded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import {
  Account,
  Container,
  MetadataItem,
  parseContainer,
  Section
} from "../../../src/integrations/kinds/plex/Container.ts"
import { Item, ListPage, User, UserItem } from "../../../src/integrations/kinds/mediabrowser/Responses.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { RequestPage } from "../../../src/integrations/kinds/seerr/Requests.ts"
import { overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { HistoryPage, HistoryRow, tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { connect, read } from "../support/FakeUpstream.ts"
import { fixture, fixtureNames, fixtureText, hasShared } from "../support/Shared.ts"

const decode = <A>(schema: Schema.Codec<A, unknown>, value: unknown): A => Schema.decodeUnknownSync(schema)(value)

const asList = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

describe.skipIf(!hasShared)("recorded answers of the Servarr applications", () => {
  it.effect("a recorded movie becomes an item without invented facts", () =>
    Effect.gen(function* () {
      for (const file of ["radarr/home-assistant/movie.json", "radarr/aiopyarr/movie-list.json"]) {
        const fake = yield* connect(radarr, { apiKey: "0123456789abcdef" }, (sent) =>
          sent.path.endsWith("/movie") ? fixture(file) : []
        )
        const items = yield* read(fake, "catalog")
        assert.strictEqual(items.length, 1)
        assert.deepStrictEqual(items[0]?.ids, [], "0 and placeholder texts are not ids")
        assert.strictEqual(items[0]?.facts.fileAddedAt, "2020-11-26T02:00:35.000Z")
        assert.strictEqual(items[0]?.facts.rating, null)
        assert.strictEqual(items[0]?.facts.resolution, file.includes("home") ? "720p" : null)
      }
    })
  )

  it.effect("a recorded series becomes a show and its seasons with files", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, { apiKey: "0123456789abcdef" }, (sent) =>
        sent.path.endsWith("/series") ? fixture("sonarr/home-assistant/series.json") : []
      )
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.kind, item.facts.showStatus]),
        [
          ["105", "show", "ended"],
          ["105:s3", "season", "ended"]
        ]
      )
    })
  )
})

describe.skipIf(!hasShared)("recorded answers of the creator family", () => {
  for (const [kind, creator, work, files] of [
    [lidarr, "artist", "album", "trackFileCount"],
    [readarr, "author", "book", "bookFileCount"]
  ] as const) {
    it.effect(`a recorded ${creator} and ${work} become items without invented facts`, () =>
      Effect.gen(function* () {
        const recorded = (name: string) =>
          asList(fixture(`${kind.id}/aiopyarr/${name}.json`)).map((one) => ({
            ...(one as object),
            statistics: { [files]: 1, sizeOnDisk: 7 }
          }))
        const fake = yield* connect(kind, { apiKey: "0123456789abcdef" }, (sent) => {
          const name = sent.path.slice("/api/v1/".length)
          return name === creator || name === work ? recorded(name) : []
        })
        const items = yield* read(fake, "catalog")
        assert.deepStrictEqual(
          items.map((item) => [item.kind, item.sizeBytes, item.ids, item.facts.rating]),
          [
            [creator, 7, [], null],
            [work, 7, [], null]
          ],
          "placeholder texts are not ids"
        )
      })
    )
  }
})

describe.skipIf(!hasShared)("recorded answers of Plex", () => {
  const directory = "plex/home-assistant"
  const text = (file: string) => fixtureText(`${directory}/${file}`)

  for (const file of fixtureNames(directory).filter((name) => /<MediaContainer[\s>]/.test(text(name)))) {
    it(`the envelope of ${file} is read`, () => {
      const { MediaContainer } = decode(Container, parseContainer(text(file), "text/xml"))
      for (const row of MediaContainer.Metadata ?? []) decode(MetadataItem, row)
      if (MediaContainer.Metadata !== undefined && MediaContainer.totalSize === undefined) {
        assert.strictEqual(
          MediaContainer.Metadata.length + (MediaContainer.Directory ?? []).length,
          MediaContainer.size
        )
      }
    })
  }

  it("sections and accounts are read", () => {
    const sections = decode(Container, parseContainer(text("library_sections.xml"), "text/xml")).MediaContainer
      .Directory
    assert.deepStrictEqual(
      (sections ?? []).map((section) => {
        const { key, title, type } = decode(Section, section)
        return { key, type, title }
      }),
      [
        { key: "1", type: "movie", title: "Movies" },
        { key: "2", type: "show", title: "TV Shows" },
        { key: "3", type: "artist", title: "Music" }
      ]
    )
    const accounts = decode(Container, parseContainer(text("plex_server_accounts.xml"), "text/xml")).MediaContainer
      .Account
    assert.deepStrictEqual(
      (accounts ?? []).map((account) => decode(Account, account)),
      [
        { id: "0", name: null },
        { id: "1", name: "User 1" },
        { id: "1000", name: "User 1000" },
        { id: "1001", name: "User 1001" }
      ]
    )
  })

  it.effect("a recorded server is read completely", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, { token: "t" }, (sent) => {
        const type = sent.query.get("type")
        const file =
          sent.path === "/library/sections"
            ? "library_sections.xml"
            : type === "1"
              ? "library_movies_all.xml"
              : type === "2"
                ? "library_tvshows_all.xml"
                : "show_seasons.xml"
        return new Response(text(file), { headers: { "content-type": "application/xml" } })
      })
      const items = yield* read(fake, "serverItems")
      assert.strictEqual(items.filter((item) => item.kind === "movie").length, 5)
      const [show] = items.filter((item) => item.kind === "show")
      assert.deepStrictEqual(show?.ids, ["tvdb:12345"])
      // The counters of entries, the sections and the dates of the recording.
      const at = "2017-09-21T04:51:49.000Z"
      assert.deepStrictEqual(items[0]?.ownPlays, { name: null, plays: 1, lastPlayedAt: at, seen: 1, lastSeenAt: at })
      assert.deepStrictEqual([items[0]?.library, items[0]?.addedAt], ["Movies", "2013-08-30T02:21:01.000Z"])
      assert.isUndefined(show?.ownPlays, "nobody has seen an episode of it")
      const [season] = items.filter((item) => item.kind === "season")
      assert.deepInclude(season?.ownPlays, { plays: 20, seen: 14, lastPlayedAt: "2018-04-20T04:08:16.000Z" })
      assert.deepStrictEqual(season?.ids, ["tvdb:12345"])
      assert.strictEqual(season?.parentServerItemId, show?.serverItemId)
    })
  )
})

describe.skipIf(!hasShared)("recorded lists of Plex", () => {
  const directory = "plex/home-assistant"
  const xml = (file: string, change = (text: string) => text) =>
    new Response(change(fixtureText(`${directory}/${file}`)), { headers: { "content-type": "application/xml" } })
  const none = () => Response.json({ MediaContainer: { size: 0, totalSize: 0 } })

  it.effect(
    "resume position, files and folders of an entry are read, and a collection that the list does not show",
    () =>
      Effect.gen(function* () {
        const fake = yield* connect(plex, { token: "t" }, (sent) => {
          if (sent.path === "/library/sections") return xml("library_sections.xml")
          if (sent.path === "/accounts") return xml("plex_server_accounts.xml")
          if (sent.path === "/library/sections/1/collections") return xml("library_movies_collections.xml")
          if (sent.path === "/library/collections/20000/items") return xml("library_movies_all.xml")
          if (sent.path === "/library/sections/1/all") return xml("media_1.xml")
          if (sent.path === "/library/metadata/30") return xml("media_30.xml")
          // As if its agent were one whose ids are not read.
          if (sent.query.get("type") === "2") {
            return xml("library_tvshows_all.xml", (text) => text.replace("agents.thetvdb://", "agents.hama://tvdb-"))
          }
          return none()
        })
        const [movie, show] = yield* read(fake, "serverItems")
        assert.deepInclude(movie?.ownPlays, { name: "User 1", plays: 2, seen: 1 })
        assert.deepStrictEqual(movie?.collections, ["My Collection"])
        assert.deepStrictEqual([show?.ids, show?.paths], [[], ["/storage/tvshows/TV Show"]])
      })
  )

  it.effect("sessions contain what is being played, without trailers, pictures and broadcasts", () =>
    Effect.gen(function* () {
      const playing = Effect.fnUntraced(function* (file: string) {
        const fake = yield* connect(plex, { token: "t" }, (sent) => {
          if (sent.path === "/accounts") return xml("plex_server_accounts.xml")
          return sent.path === "/status/sessions" ? xml(file) : none()
        })
        return yield* read(fake, "playback")
      })
      const [entry] = yield* playing("session_plexweb.xml")
      assert.deepInclude(entry, { kind: "movie", serverItemId: "1", title: "Movie 1", playing: true })
      assert.strictEqual(entry?.users[0]?.name, "User 1")
      for (const file of ["session_unknown.xml", "session_live_tv.xml", "session_photo.xml"]) {
        assert.deepStrictEqual(yield* playing(file), [], file)
      }
    })
  )

  it("labels and collections are among the filters of a section", () => {
    const filters = fixtureText(`${directory}/library_movies_filtertypes.xml`)
    assert.include(filters, 'key="/library/sections/1/label"')
    assert.include(filters, 'key="/library/sections/1/collection"')
  })
})

describe.skipIf(!hasShared)("recorded answers of Tautulli", () => {
  const directory = "tautulli/recorded-2.17.2"

  for (const file of fixtureNames(directory).filter((name) => name.startsWith("get_history"))) {
    it(`${file} is read`, () => {
      const { response } = decode(HistoryPage, fixture(`${directory}/${file}`))
      if (response.result !== "success") return assert.fail("it is a success")
      assert.isAbove(response.data.data.length, 0)
      for (const row of response.data.data) decode(HistoryRow, row)
    })
  }

  it.effect("the recorded history is counted", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tautulli, { apiKey: "0123456789abcdef" }, (sent) =>
        fixture(`${directory}/${sent.query.get("cmd")}.json`)
      )
      const entries = yield* read(fake, "playback")
      // 2 of 3 episodes and 1 of 2 films were watched; alice's two plays are three rows of the database.
      const viewers = entries.map(({ users: [user] }) => [user?.names, user?.seen, user?.furthest])
      const [bob, alice] = ["Bob", "Alice"].map((name) => [name, `${name.toLowerCase()}@example.invalid`])
      assert.deepStrictEqual(viewers, [
        [bob, 2, undefined],
        [bob, 2, undefined],
        [bob, 0, 0.2],
        [alice, 1, 1]
      ])
      assert.deepStrictEqual(
        entries.map((entry) => [
          entry.kind,
          entry.serverItemId,
          entry.seasonNumber,
          entry.plays,
          entry.users.map((user) => user.name)
        ]),
        [
          ["show", "201", null, 3, ["bob"]],
          ["season", "201", 1, 3, ["bob"]],
          ["movie", "102", null, 1, ["bob"]],
          ["movie", "101", null, 2, ["alice"]]
        ]
      )
    })
  )

  it.effect("the recorded version is returned", () =>
    Effect.gen(function* () {
      const fake = yield* connect(tautulli, { apiKey: "0123456789abcdef" }, () =>
        fixture(`${directory}/get_tautulli_info.json`)
      )
      assert.strictEqual((yield* fake.connected.probe).version, "2.17.2")
    })
  )

  const failures: ReadonlyArray<[file: string, status: number, tag: string]> = [
    [`${directory}/bad-apikey.json`, 400, "UpstreamUnauthorized"],
    [`${directory}/no-apikey.json`, 400, "UpstreamUnauthorized"],
    ["tautulli/home-assistant/invalid_auth.json", 200, "UpstreamUnauthorized"],
    [`${directory}/unknown.json`, 400, "UpstreamRefused"],
    [`${directory}/get_activity-pms-down.json`, 200, "UpstreamMalformed"]
  ]
  for (const [file, status, tag] of failures) {
    it.effect(`${file} is a failure`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(tautulli, { apiKey: "0123456789abcdef" }, () =>
          Response.json(fixture(file), { status })
        )
        assert.strictEqual((yield* Effect.flip(read(fake, "playback")))._tag, tag)
      })
    )
  }
})

describe.skipIf(!hasShared)("recorded answers of the request managers", () => {
  for (const [name, kind] of [
    ["overseerr", overseerr],
    ["seerr", seerr]
  ] as const) {
    const directory = `${name}/python-overseerr`

    it.effect(`requests and version of ${name} are read`, () =>
      Effect.gen(function* () {
        const recorded = decode(RequestPage, fixture(`${directory}/request.json`))
        // The recording is the first page of a longer list; here it is the complete list.
        const whole = { ...recorded, pageInfo: { results: recorded.results.length } }
        const fake = yield* connect(kind, { apiKey: "0123456789abcdef" }, (sent) =>
          sent.path.endsWith("/status")
            ? fixture(`${directory}/status.json`)
            : sent.path.endsWith("/me")
              ? { id: 1 }
              : whole
        )
        const requests = yield* read(fake, "requests")
        assert.strictEqual(requests.length, recorded.results.length)
        assert.isTrue(requests.every((request) => request.ids.length > 0 && request.requesterNames.length > 0))
        assert.isTrue(
          requests.filter((request) => request.kind === "show").every((request) => (request.seasons?.length ?? 0) > 0)
        )
        assert.strictEqual((yield* fake.connected.probe).version, "develop-local")
      })
    )

    it.effect(`a key that ${name} does not accept is reported as such`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(kind, { apiKey: "0123456789abcdef" }, () =>
          Response.json(fixture(`${directory}/no_access.json`), { status: 403 })
        )
        const error = yield* Effect.flip(read(fake, "requests"))
        assert.strictEqual(error._tag, "UpstreamUnauthorized")
        assert.include(error.detail, "permission")
      })
    )
  }
})

describe.skipIf(!hasShared)("recorded answers of Jellyfin", () => {
  const directory = "jellyfin/home-assistant"

  for (const file of ["user-items.json", "user-items-parent-id.json", "get-media-folders.json"]) {
    it(`the items of ${file} are read`, () => {
      const page = decode(ListPage, fixture(`${directory}/${file}`))
      assert.isAbove(page.Items.length, 0)
      for (const row of page.Items) {
        assert.isAbove(decode(Item, row).Id.length, 0)
        decode(UserItem, row)
      }
    })
  }

  it.effect("what is being played is read from the sessions, for all viewers", () =>
    Effect.gen(function* () {
      const fake = yield* connect(jellyfin, { apiKey: "k" }, (sent) =>
        sent.path === "/Users" ? [] : sent.path === "/Sessions" ? fixture(`${directory}/sessions.json`) : undefined
      )
      const entries = yield* read(fake, "playback")
      assert.isAbove(entries.length, 0)
      assert.isTrue(entries.every((entry) => entry.playing === true && entry.users.length > 0))
    })
  )

  it.effect("dates, tags, paths and the data of a user are read from the items", () =>
    Effect.gen(function* () {
      const recorded = decode(ListPage, fixture(`${directory}/user-items-parent-id.json`))
      const as = (Type: string) => recorded.Items.map((item) => ({ ...(item as object), Type }))
      const page = (Items: ReadonlyArray<unknown>) => ({ Items, TotalRecordCount: Items.length })
      const fake = yield* connect(jellyfin, { apiKey: "k" }, (sent) => {
        if (sent.path === "/Users") return [{ Id: "u", Name: "ann", Policy: { IsAdministrator: true } }]
        if (sent.path === "/Library/VirtualFolders") return [{ ItemId: "l", Name: "Films" }]
        if (sent.path === "/Sessions") return []
        const list = sent.query.has("parentId") || sent.query.get("includeItemTypes") === "Movie,Episode"
        return list ? page(as("Movie")) : page([])
      })
      const [item] = yield* read(fake, "serverItems")
      assert.deepInclude(item, { labels: ["string"], addedAt: "2019-08-24T14:15:22.000Z", paths: ["string"] })
      const [entry] = yield* read(fake, "playback")
      assert.deepInclude(entry?.users[0], { name: "ann", plays: 1, seen: 1, lastPlayedAt: "2019-08-24T14:15:22.000Z" })
    })
  )

  it("a single item and a user are read", () => {
    assert.strictEqual(decode(Item, fixture(`${directory}/get-item-collection.json`)).Id, "FOLDER-UUID")
    const { User: user } = decode(Schema.Struct({ User }), fixture(`${directory}/auth-login.json`))
    assert.deepStrictEqual([user.Id, user.Policy?.IsAdministrator], ["38a5a5bb-dc30-49a2-b175-1de0d1488c43", true])
  })
})
