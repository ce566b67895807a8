import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { movieKey } from "../../src/sandbox/apps/plex/PlexKeys.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { fixture, fixtureText, hasFixtures, hasSpecs, keyPaths, lacking, openDocument } from "./OpenApi.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The problems of an answer, each once whatever its index. A command's body carries what that command was given. */
const unique = (problems: ReadonlyArray<string>) => [
  ...new Set(
    problems.map((problem) => problem.replace(/\[\d+\]/g, "[]")).filter((problem) => !/^(\[\])?\.body\./.test(problem))
  )
]

describe.skipIf(!hasSpecs)("answers are what the applications' own documents promise", () => {
  it.effect("Radarr", () =>
    withSandbox(
      { items: 300 },
      Effect.gen(function* () {
        const document = openDocument("radarr-v3.openapi.json", true)
        const api = "/api/v3"
        const check = (method: string, path: string, value: unknown) =>
          assert.deepStrictEqual(unique(document.problems(method, path, value)), [], `${method} ${path}`)
        const get = Effect.fnUntraced(function* (path: string, template = path) {
          check("GET", template.split("?")[0] ?? "", yield* read("radarr", path))
        })
        const [movie] = yield* read<Rows>("radarr", `${api}/movie`)
        assert.isDefined(movie)
        check("PUT", `${api}/movie/{id}`, yield* read("radarr", `${api}/movie/1`, { method: "PUT", body: movie }))
        yield* ask("radarr", `${api}/movie/2?deleteFiles=true&addImportExclusion=true`, { method: "DELETE" })
        const { world } = yield* Sandbox
        const [wanted] = world.requests.filter(
          (request) => request.movie && world.films.of(request.movie) === undefined
        )
        const body = { tmdbId: wanted?.movie?.tmdbId, qualityProfileId: 4, rootFolderPath: "/data/movies" }
        check("POST", `${api}/movie`, yield* read("radarr", `${api}/movie`, { method: "POST", body }))
        const command = { method: "POST", body: { name: "MoviesSearch", movieIds: [3] } }
        check("POST", `${api}/command`, yield* read("radarr", `${api}/command`, command))
        check("POST", `${api}/tag`, yield* read("radarr", `${api}/tag`, { method: "POST", body: { label: "New" } }))
        yield* get("/ping")
        for (const path of [
          "movie",
          "system/status",
          "health",
          "diskspace",
          "rootfolder",
          "tag",
          "tag/detail",
          "qualityprofile"
        ]) {
          yield* get(`${api}/${path}`)
        }
        for (const path of [
          "command",
          "exclusions",
          "exclusions/paged",
          "queue",
          "queue/status",
          "queue/details",
          "history"
        ]) {
          yield* get(`${api}/${path}`)
        }
        yield* get(`${api}/moviefile?movieId=3`)
        yield* get(`${api}/movie/3`, `${api}/movie/{id}`)
        yield* get(`${api}/rootfolder/1`, `${api}/rootfolder/{id}`)
        yield* get(`${api}/tag/1`, `${api}/tag/{id}`)
        yield* get(`${api}/qualityprofile/4`, `${api}/qualityprofile/{id}`)
        yield* get(`${api}/command/1`, `${api}/command/{id}`)
      })
    )
  )

  it.effect("Sonarr", () =>
    withSandbox(
      { items: 300 },
      Effect.gen(function* () {
        const document = openDocument("sonarr-v3.openapi.json", true)
        const api = "/api/v3"
        const check = (method: string, path: string, value: unknown) =>
          assert.deepStrictEqual(unique(document.problems(method, path, value)), [], `${method} ${path}`)
        const get = Effect.fnUntraced(function* (path: string, template = path) {
          check("GET", template.split("?")[0] ?? "", yield* read("sonarr", path))
        })
        const [series] = yield* read<Rows>("sonarr", `${api}/series`)
        assert.isDefined(series)
        check("PUT", `${api}/series/{id}`, yield* read("sonarr", `${api}/series/1`, { method: "PUT", body: series }))
        yield* ask("sonarr", `${api}/series/2?deleteFiles=true&addImportListExclusion=true`, { method: "DELETE" })
        const { world } = yield* Sandbox
        const [wanted] = world.requests.filter((request) => request.show && world.series.of(request.show) === undefined)
        const body = { tvdbId: wanted?.show?.tvdbId, qualityProfileId: 4, rootFolderPath: "/data/shows" }
        check("POST", `${api}/series`, yield* read("sonarr", `${api}/series`, { method: "POST", body }))
        const command = { method: "POST", body: { name: "SeasonSearch", seriesId: 1, seasonNumber: 1 } }
        check("POST", `${api}/command`, yield* read("sonarr", `${api}/command`, command))
        yield* get("/ping")
        for (const path of [
          "series",
          "system/status",
          "health",
          "diskspace",
          "rootfolder",
          "tag",
          "tag/detail",
          "qualityprofile"
        ]) {
          yield* get(`${api}/${path}`)
        }
        for (const path of [
          "command",
          "importlistexclusion",
          "importlistexclusion/paged",
          "queue",
          "queue/status",
          "history"
        ]) {
          yield* get(`${api}/${path}`)
        }
        yield* get(`${api}/series/3`, `${api}/series/{id}`)
        yield* get(`${api}/episode?seriesId=3&includeEpisodeFile=true`)
        yield* get(`${api}/episodefile?seriesId=3`)
        const [file] = yield* read<Rows>("sonarr", `${api}/episodefile?seriesId=3`)
        const [episode] = yield* read<Rows>("sonarr", `${api}/episode?seriesId=3`)
        yield* get(`${api}/episodefile/${String(file?.["id"])}`, `${api}/episodefile/{id}`)
        yield* get(`${api}/episode/${String(episode?.["id"])}`, `${api}/episode/{id}`)
      })
    )
  )

  it.effect("Lidarr", () =>
    withSandbox(
      { items: 300 },
      Effect.gen(function* () {
        const document = openDocument("lidarr-v1.openapi.json", true)
        const api = "/api/v1"
        const check = (method: string, path: string, value: unknown) =>
          assert.deepStrictEqual(unique(document.problems(method, path, value)), [], `${method} ${path}`)
        const get = Effect.fnUntraced(function* (path: string, template = path) {
          check("GET", template.split("?")[0] ?? "", yield* read("lidarr", path))
        })
        const send = Effect.fnUntraced(function* (method: string, path: string, body: unknown, template = path) {
          check(method, `${api}/${template}`, yield* read("lidarr", `${api}/${path}`, { method, body }))
        })
        const [artist] = yield* read<Rows>("lidarr", `${api}/artist`)
        const [album] = yield* read<Rows>("lidarr", `${api}/album`)
        yield* send("PUT", "artist/1", artist, "artist/{id}")
        yield* send("PUT", "album/1", album, "album/{id}")
        yield* ask("lidarr", `${api}/artist/2?deleteFiles=true&addImportListExclusion=true`, { method: "DELETE" })
        const [gone] = yield* read<Rows>("lidarr", `${api}/importlistexclusion`)
        yield* ask("lidarr", `${api}/importlistexclusion/${String(gone?.["id"])}`, { method: "DELETE" })
        const profiles = { qualityProfileId: 2, metadataProfileId: 1, rootFolderPath: "/data/music" }
        yield* send("POST", "artist", { foreignArtistId: gone?.["foreignId"], ...profiles })
        yield* send("POST", "command", { name: "AlbumSearch", albumIds: [1] })
        yield* send("POST", "tag", { label: "New" })
        yield* send("POST", "importlistexclusion", { foreignId: "x", artistName: "y" })
        yield* get("/ping")
        for (const path of [
          "artist",
          "album",
          "system/status",
          "health",
          "diskspace",
          "rootfolder",
          "tag",
          "tag/detail",
          "qualityprofile",
          "metadataprofile",
          "command",
          "importlistexclusion",
          "queue",
          "queue/status",
          "queue/details",
          "history"
        ]) {
          yield* get(`${api}/${path}`)
        }
        yield* get(`${api}/artist/1`, `${api}/artist/{id}`)
        yield* get(`${api}/album/1`, `${api}/album/{id}`)
        yield* get(`${api}/album?artistId=1`)
        yield* get(`${api}/track?albumId=1`)
        yield* get(`${api}/trackfile?albumId=1`)
        yield* get(`${api}/rootfolder/1`, `${api}/rootfolder/{id}`)
        yield* get(`${api}/tag/1`, `${api}/tag/{id}`)
        yield* get(`${api}/qualityprofile/1`, `${api}/qualityprofile/{id}`)
        yield* get(`${api}/command/1`, `${api}/command/{id}`)
      })
    )
  )

  it.effect("Plex", () =>
    withSandbox(
      { items: 300 },
      Effect.gen(function* () {
        const document = openDocument("plex.openapi.yaml", false)
        const get = Effect.fnUntraced(function* (
          path: string,
          template: string,
          tolerated: ReadonlyArray<string> = []
        ) {
          const problems = unique(document.problems("GET", template, yield* read("plex", path)))
          assert.deepStrictEqual(
            problems.filter((problem) => !tolerated.includes(problem)),
            [],
            path
          )
        })
        yield* get("/identity", "/identity")
        // The server sends a number where the document has a boolean.
        const hidden = [".MediaContainer.Directory[].hidden: number is no boolean"]
        yield* get("/library/sections", "/library/sections/all", hidden)
        const all = "/library/sections/{sectionId}/all"
        yield* get("/library/sections/1/all?includeGuids=1&X-Plex-Container-Start=0&X-Plex-Container-Size=50", all)
        for (const type of [2, 3, 4]) yield* get(`/library/sections/2/all?type=${type}&includeGuids=1`, all)
        yield* get("/library/sections/1/collections", "/library/sections/{sectionId}/collections")
        yield* get("/library/metadata/1001", "/library/metadata/{ids}")
        yield* get("/library/metadata/2000001/allLeaves", "/library/metadata/{ids}/allLeaves")
        yield* get("/status/sessions/history/all", "/status/sessions/history/all")
      })
    )
  )

  it.effect("Jellyfin", () =>
    withSandbox(
      { items: 300, kinds: ["jellyfin"] },
      Effect.gen(function* () {
        const document = openDocument("jellyfin-10.11.11.openapi.json", true)
        const check = (method: string, path: string, value: unknown) =>
          assert.deepStrictEqual(unique(document.problems(method, path, value)), [], `${method} ${path}`)
        const get = Effect.fnUntraced(function* <A>(path: string, template = path.split("?")[0] ?? "") {
          const value = yield* read<A>("jellyfin", path)
          check("GET", template, value)
          return value
        })
        for (const path of ["/System/Info", "/System/Info/Public", "/Library/VirtualFolders", "/Items/Counts"])
          yield* get(path)
        const [user] = yield* get<Rows>("/Users")
        const id = String(user?.["Id"])
        const fields = "ProviderIds,DateCreated,Tags,Path,MediaSources,Genres,Overview,SortName,ParentId"
        const types = "Movie,Series,Season,Episode,BoxSet"
        const { Items: items } = yield* get<{ readonly Items: Rows }>(
          `/Items?userId=${id}&recursive=true&includeItemTypes=${types}&fields=${fields}`
        )
        assert.deepStrictEqual([...new Set(items.map((item) => item["Type"]))].sort(), types.split(",").sort())
        for (const type of types.split(",")) {
          const one = items.find((item) => item["Type"] === type)
          yield* get(`/Items/${String(one?.["Id"])}?userId=${id}`, "/Items/{itemId}")
        }
        const favourite = `/UserFavoriteItems/${String(items[0]?.["Id"])}?userId=${id}`
        for (const method of ["POST", "DELETE"])
          check(method, "/UserFavoriteItems/{itemId}", yield* read("jellyfin", favourite, { method }))
      })
    )
  )

  it.effect("Seerr", () =>
    withSandbox(
      { items: 300 },
      Effect.gen(function* () {
        // The document leaves out much of what is sent, hence only what it knows is checked.
        const document = openDocument("seerr.openapi.yml", false)
        const get = Effect.fnUntraced(function* (path: string, template: string) {
          const problems = unique(document.problems("GET", template, yield* read("seerr", `/api/v1${path}`)))
          // Nullable in the recorded answers, though not in the document.
          const tolerated = /\.(serverId|profileId|rootFolder|modifiedBy): is null$/
          assert.deepStrictEqual(
            problems.filter((problem) => !tolerated.test(problem)),
            [],
            path
          )
        })
        yield* get("/status", "/status")
        yield* get("/settings/main", "/settings/main")
        yield* get("/auth/me", "/auth/me")
        yield* get("/user", "/user")
        yield* get("/user/2", "/user/{userId}")
        yield* get("/request?take=500", "/request")
        yield* get("/request/1", "/request/{requestId}")
        yield* get("/request/count", "/request/count")
        yield* get("/media?take=500", "/media")
      })
    )
  )
})

describe.skipIf(!hasFixtures)("answers have the keys of recorded ones", () => {
  it.effect("Tautulli", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const played = world.plays.find((play) => play.movie !== null)?.movie
        assert.isOk(played)
        const key = movieKey(played)
        for (const [name, query] of [
          ["get_history", "cmd=get_history"],
          ["get_users", "cmd=get_users"],
          ["get_tautulli_info", "cmd=get_tautulli_info"],
          ["server_status", "cmd=server_status"],
          ["get_user_names", "cmd=get_user_names"],
          ["get_library_names", "cmd=get_library_names"],
          ["get_item_user_stats", `cmd=get_item_user_stats&rating_key=${key}`],
          ["get_item_watch_time_stats", `cmd=get_item_watch_time_stats&rating_key=${key}`],
          ["status", "cmd=status"]
        ] as const) {
          const recorded = keyPaths(fixture(`tautulli/recorded-2.17.2/${name}.json`))
          const ours = keyPaths(yield* read("tautulli", `/api/v2?${query}`))
          assert.deepStrictEqual([lacking(recorded, ours), lacking(ours, recorded)], [[], []], name)
        }
      })
    )
  )

  it.effect("Seerr", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const recorded = keyPaths(fixture("seerr/python-overseerr/request.json"))
        const ours = keyPaths(yield* read("seerr", "/api/v1/request?take=1000"))
        assert.deepStrictEqual(lacking(ours, recorded), [])
        // These stand only in answers about running downloads, watched media and named profiles.
        const sometimes = /downloadStatus|[uU]rl|profileName|mediaUrl|watchProviders|\.settings/
        assert.deepStrictEqual(
          lacking(recorded, ours).filter((key) => !sometimes.test(key)),
          []
        )
        const count = keyPaths(fixture("seerr/python-overseerr/request_count.json"))
        assert.deepStrictEqual(lacking(count, keyPaths(yield* read("seerr", "/api/v1/request/count"))), [])
      })
    )
  )

  it.effect("Radarr and Sonarr", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const movies = keyPaths(yield* read("radarr", "/api/v3/movie"))
        const movie = keyPaths(fixture("radarr/aiopyarr/movie.json"))
        // Alternate titles are empty here, and only old versions have the rest.
        const old = /^alternateTitles\.|^collection\.|ratings\.metacritic|originalFilePath/
        assert.deepStrictEqual(
          lacking(movie, movies).filter((key) => !old.test(key)),
          []
        )
        const series = keyPaths(yield* read("sonarr", "/api/v3/series"))
        const recorded = keyPaths(fixture("sonarr/home-assistant/series.json"))
        assert.deepStrictEqual(lacking(recorded, series), ["lastInfoSync", "profileId"])
        const files = keyPaths(yield* read("sonarr", "/api/v3/episodefile?seriesId=1"))
        const file = keyPaths(fixture("sonarr/aiopyarr/episodefile.json"))
        assert.deepStrictEqual(lacking(file, files), [
          "language",
          "language.id",
          "language.name",
          "languageCutoffNotMet"
        ])
      })
    )
  )

  it.effect("Plex, in XML", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const attributes = (xml: string, name: string) =>
          new Set(
            [...(new RegExp(`<${name} [^>]*`).exec(xml)?.[0] ?? "").matchAll(/ ([A-Za-z0-9]+)="/g)].map(
              (match) => match[1] ?? ""
            )
          )
        const compare = Effect.fnUntraced(function* (
          path: string,
          recording: string,
          name: string,
          without: ReadonlyArray<string>
        ) {
          const ours = attributes((yield* ask("plex", path, { headers: { accept: "*/*" } })).text, name)
          const recorded = attributes(fixtureText(`plex/home-assistant/${recording}.xml`), name)
          assert.deepStrictEqual(lacking(recorded, ours), without, path)
        })
        const seen = (yield* read<{ MediaContainer: { Metadata: Rows } }>(
          "plex",
          "/library/sections/1/all"
        )).MediaContainer.Metadata.find(
          (item) => item["viewCount"] !== undefined && item["contentRating"] !== undefined
        )
        const ornaments = [
          "audienceRatingImage",
          "chapterSource",
          "primaryExtraKey",
          "rating",
          "ratingImage",
          "tagline",
          "viewOffset"
        ]
        yield* compare(`/library/metadata/${String(seen?.["ratingKey"])}`, "media_1", "Video", ornaments)
        yield* compare("/library/sections/2/all?type=2", "library_tvshows_all", "Directory", [
          "banner",
          "primaryExtraKey",
          "rating",
          "theme"
        ])
        yield* compare("/library/sections", "library_sections", "Directory", [])
        yield* compare("/accounts", "plex_server_accounts", "Account", [])
      })
    )
  )
})
