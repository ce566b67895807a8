/** What becomes of answers that were recorded from real upstreams. That each is decoded at all stands in RecordedFiles. */
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
import { Item, ListPage, User, UserItem } from "../../../src/integrations/kinds/mediabrowser/Answers.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { overseerr, RequestPage, seerr } from "../../../src/integrations/kinds/seerr.ts"
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
        assert.deepStrictEqual(items[0]?.ids, [], "0 and texts that stand in for one are no ids")
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
          "texts that stand in for an id are none"
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
      (sections ?? []).map((section) => decode(Section, section)),
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

  it.effect("a recorded server is read whole", () =>
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
      const [season] = items.filter((item) => item.kind === "season")
      assert.deepStrictEqual(season?.ids, ["tvdb:12345"])
      assert.strictEqual(season?.parentServerItemId, show?.serverItemId)
    })
  )
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
      const fake = yield* connect(tautulli, { apiKey: "0123456789abcdef" }, () =>
        fixture(`${directory}/get_history.json`)
      )
      const entries = yield* read(fake, "playback")
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

  it.effect("the recorded version is told", () =>
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
        // The recording is the first page of a longer list; here it is all there is.
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

    it.effect(`a key that ${name} does not accept is told as such`, () =>
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

  it("a single item and a user are read", () => {
    assert.strictEqual(decode(Item, fixture(`${directory}/get-item-collection.json`)).Id, "FOLDER-UUID")
    const { User: user } = decode(Schema.Struct({ User }), fixture(`${directory}/auth-login.json`))
    assert.deepStrictEqual([user.Id, user.Policy?.IsAdministrator], ["38a5a5bb-dc30-49a2-b175-1de0d1488c43", true])
  })
})
