/** Responses of the simulated media servers, statistics and request managers match the API documents of the applications. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { documented, unique } from "./Documents.ts"
import { hasSpecs, openDocument } from "./OpenApi.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { read, withSandbox } from "./SandboxTest.ts"

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

describe.skipIf(!hasSpecs)("Responses match the OpenAPI documents of the applications", () => {
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
        yield* get("/playlists?playlistType=video", "/playlists")
        yield* get("/playlists/990001/items", "/playlists/{playlistId}/items")
        yield* get("/library/metadata/2000001/allLeaves", "/library/metadata/{ids}/allLeaves")
        yield* get("/library/metadata/1001,2000001", "/library/metadata/{ids}")
        for (const item of ["", "?metadataItemID=2000001"])
          yield* get(`/status/sessions/history/all${item}`, "/status/sessions/history/all")
        const { world } = yield* Sandbox
        world.play(world.people[0]!, [...world.films.onServer.values()][0]!, null, 0, 30)
        yield* get("/status/sessions", "/status/sessions")
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
        const { world } = yield* Sandbox
        world.play(world.people[0]!, [...world.films.onServer.values()][0]!, null, 0, 30)
        assert.lengthOf(yield* get<Rows>("/Sessions"), 1)
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
        // The document omits many fields that are sent, so only documented ones are checked.
        const document = openDocument("seerr.openapi.yml", false)
        const get = Effect.fnUntraced(function* (path: string, template: string) {
          const problems = unique(document.problems("GET", template, yield* read("seerr", `/api/v1${path}`)))
          // Nullable in recorded responses, although not in the document.
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

  it.effect("Tracearr", () =>
    withSandbox(
      { items: 300, kinds: ["plex", "jellyfin", "tracearr"] },
      Effect.gen(function* () {
        const check = documented("tracearr", "tracearr-public.openapi.json")
        const api = "/api/v1/public"
        const { servers } = yield* check<{ readonly servers: Rows }>("GET", `${api}/health`)
        assert.deepStrictEqual(
          servers.map((server) => server["type"]),
          ["plex", "jellyfin"]
        )
        yield* check("GET", `${api}/stats`)
        yield* check("GET", `${api}/streams`)
        yield* check("GET", `${api}/users`)
        const { world } = yield* Sandbox
        world.play(world.people[0]!, [...world.films.onServer.values()][0]!, null, 0, 30)
        for (const server of servers) {
          const path = `${api}/history?serverId=${String(server["id"])}&pageSize=100`
          const { data } = yield* check<{ readonly data: Rows }>("GET", path)
          assert.lengthOf(data, 100)
        }
      })
    )
  )

  it.effect("Overseerr", () =>
    withSandbox(
      { items: 300, kinds: ["overseerr"] },
      Effect.gen(function* () {
        const document = openDocument("overseerr.openapi.yml", false)
        const tolerated = /\.(serverId|profileId|rootFolder|modifiedBy): is null$/
        for (const path of ["/status", "/auth/me", "/user", "/request?take=500", "/request/count"]) {
          const value = yield* read("overseerr", `/api/v1${path}`)
          const problems = unique(document.problems("GET", path.split("?")[0] ?? "", value))
          assert.deepStrictEqual(
            problems.filter((problem) => !tolerated.test(problem)),
            [],
            path
          )
        }
      })
    )
  )
})
