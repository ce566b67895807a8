/** Responses of the simulated applications have the keys of recorded responses. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { movieKey } from "../../src/sandbox/apps/plex/PlexKeys.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { fixture, fixtureText, hasFixtures, keyPaths, lacking } from "./OpenApi.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

describe.skipIf(!hasFixtures)("Responses have the keys of recorded ones", () => {
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
        // These occur only in responses about running downloads, watched media and named profiles.
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
        // Alternate titles are empty here, and only old versions have the other keys.
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
          (item) =>
            item["viewCount"] !== undefined && item["viewOffset"] === undefined && item["contentRating"] !== undefined
        )
        const ornaments = ["chapterSource", "primaryExtraKey", "rating", "ratingImage", "tagline", "viewOffset"]
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
