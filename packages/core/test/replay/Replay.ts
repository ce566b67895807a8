/** HTTP servers with recorded responses of real applications, one for each application. */
import type { ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"
import { serve } from "../integrations/support/LoopbackServer.ts"
import { fixture, fixtureText } from "../integrations/support/Shared.ts"

/** The body of a response, or the status with which the application refuses. */
export type Recorded = string | number

export interface Replayed {
  readonly url: string
  /** A separate key, since no two installations share one. */
  readonly key: string
  /** `METHOD path` of every request, in order. */
  readonly calls: () => ReadonlyArray<string>
  /** Changes all later responses. */
  answer: (url: URL) => Recorded | undefined
}

export const key = "0123456789abcdef0123456789abcdef"
let made = 0

/** Checks the key like the application; paths that were not recorded return 404. */
export const replay = (
  answer: Replayed["answer"],
  keyOf: (headers: Readonly<Record<string, unknown>>, url: URL) => unknown = (headers) => headers["x-api-key"]
): Effect.Effect<Replayed, never, Scope.Scope> =>
  Effect.gen(function* () {
    const calls: Array<string> = []
    const state = { answer }
    const own = `${key.slice(4)}${String(++made).padStart(4, "0")}`
    const server = yield* serve((request, response) => {
      const url = new URL(request.url, "http://replay.test")
      calls.push(`${request.method} ${url.pathname}`)
      const recorded = [key, own].includes(String(keyOf(request.headers, url))) ? (state.answer(url) ?? 404) : 401
      if (typeof recorded === "number") send(response, '{"message":"no"}', recorded)
      else send(response, recorded, 200)
    })
    return {
      url: server.url,
      key: own,
      calls: () => calls,
      get answer() {
        return state.answer
      },
      set answer(next) {
        state.answer = next
      }
    }
  })

const send = (response: ServerResponse, body: string, status: number) => {
  response.writeHead(status, { "content-type": body.startsWith("<") ? "application/xml" : "application/json" })
  response.end(body)
}

/** A change of the recorded text before it is sent. */
export type Edit = (text: string) => string

const same: Edit = (text) => text

const listOf = (text: string) => (text.trimStart().startsWith("[") ? text : `[${text}]`)

export const radarr = (movies: string, disks: string, rootFolders: string, edit: Edit = same) =>
  replay((url) =>
    from(url, {
      "/api/v3/movie": () => listOf(edit(fixtureText(movies))),
      "/api/v3/tag": () => listOf(fixtureText("arr-common/aiopyarr/tag.json")),
      "/api/v3/qualityprofile": () => listOf(fixtureText("arr-common/aiopyarr/qualityprofile.json")),
      "/api/v3/diskspace": () => fixtureText(disks),
      "/api/v3/rootfolder": () => edit(fixtureText(rootFolders)),
      "/api/v3/system/status": () => fixtureText("radarr/home-assistant/system-status.json")
    })
  )

/** Its history was not recorded: `history` is made up, if a test needs one. */
export const sonarr = (series: string, edit: Edit = same, history?: unknown) =>
  replay((url) =>
    from(url, {
      ...(history === undefined ? {} : { "/api/v3/history": () => JSON.stringify(history) }),
      "/api/v3/series": () => listOf(edit(fixtureText(series))),
      "/api/v3/tag": () => listOf(fixtureText("arr-common/aiopyarr/tag.json")),
      "/api/v3/qualityprofile": () => listOf(fixtureText("arr-common/aiopyarr/qualityprofile.json")),
      "/api/v3/diskspace": () => fixtureText("sonarr/home-assistant/diskspace.json"),
      "/api/v3/rootfolder": () => fixtureText("arr-common/aiopyarr/rootfolder.json"),
      "/api/v3/system/status": () => fixtureText("sonarr/home-assistant/system-status.json")
    })
  )

/** In XML, as recorded. Its history was not recorded, so it reports no plays. */
export const plex = (edit: Edit = same) =>
  replay(
    (url) =>
      from(url, {
        "/library/sections": () => fixtureText("plex/home-assistant/library_sections.xml"),
        "/library/sections/1/all": () => edit(fixtureText("plex/home-assistant/library_movies_all.xml")),
        "/library/sections/2/all": () =>
          edit(
            fixtureText(
              url.searchParams.get("type") === "3"
                ? "plex/home-assistant/show_seasons.xml"
                : "plex/home-assistant/library_tvshows_all.xml"
            )
          ),
        "/library/sections/1/label": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/library/sections/2/label": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/library/sections/1/collections": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/library/sections/2/collections": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/status/sessions/history/all": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/status/sessions": () => fixtureText("plex/home-assistant/empty_library.xml"),
        "/accounts": () => fixtureText("plex/home-assistant/plex_server_accounts.xml"),
        "/identity": () => fixtureText("plex/home-assistant/plex_server_base.xml")
      }),
    (headers) => headers["x-plex-token"]
  )

export const tautulli = (edit: Edit = same) =>
  replay(
    (url) => {
      const command = url.searchParams.get("cmd")
      return command === "get_history" || command === "get_tautulli_info" || command === "get_users"
        ? edit(fixtureText(`tautulli/recorded-2.17.2/${command}.json`))
        : undefined
    },
    (_headers, url) => url.searchParams.get("apikey")
  )

/** The recording is the first page of a longer list: with `whole` it is the complete list, otherwise the rest is missing. */
export const requests = (name: "overseerr" | "seerr", whole: boolean) =>
  replay((url) =>
    from(url, {
      "/api/v1/request": () => {
        const page = fixture(`${name}/python-overseerr/request.json`) as {
          readonly pageInfo: object
          readonly results: ReadonlyArray<unknown>
        }
        const results = url.searchParams.get("skip") === "0" ? page.results : []
        return JSON.stringify({
          ...page,
          results,
          ...(whole ? { pageInfo: { ...page.pageInfo, results: page.results.length } } : {})
        })
      },
      "/api/v1/status": () => fixtureText(`${name}/python-overseerr/status.json`),
      "/api/v1/auth/me": () => '{"id":1}'
    })
  )

const from = (url: URL, routes: Readonly<Record<string, () => string>>): string | undefined => routes[url.pathname]?.()
