/**
 * A simulated Jellystat: everything that was ever watched, by the ids of the simulated Jellyfin, whether or not it
 * still exists.
 */
import type { SandboxWorld } from "../SandboxWorld.ts"
import type { Play } from "../world/WorldModel.ts"
import { episodeTitle } from "./arr/SeriesAnswers.ts"
import { libraryOfMovie, libraryOfShow, videoLibraries } from "./Libraries.ts"
import { jellyfinKeys, libraryNumber, type MediaBrowserKeys } from "./mediabrowser/MediaBrowserKeys.ts"
import { keysOf } from "./plex/PlexKeys.ts"
import { json, listing, page, queryInt } from "./Reply.ts"
import { type AppContext, type Call, openRoute, playsOn, route, type SandboxApp, serverOfKind } from "./SandboxApp.ts"

export const jellystat: SandboxApp = {
  id: "jellystat",
  kind: "jellystat",
  name: "Jellystat",
  onlyWhenNamed: true,
  keepsPlaysOf: serverOfKind("jellyfin"),
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => tokenIn(call) === secret,
  unauthorized: (call) => text(tokenIn(call) === null ? 401 : 403, "Access denied"),
  notFound: () => text(404, "Not Found"),
  routes: (context) => {
    const keys = jellyfinKeys(context.world, context.number)
    const groups = gathering(context)
    return [
      openRoute("GET", "/auth/isConfigured", (call) => json(call, { state: 2 })),
      route("GET", "/api/getLibraries", (call) =>
        json(
          call,
          videoLibraries(context.world).map((library) => ({
            Id: keys.item(libraryNumber(library)),
            Name: library.title.replace(/^TV /, ""),
            ServerId: keys.server,
            CollectionType: library.type === "movie" ? "movies" : "tvshows",
            archived: false
          }))
        )
      ),
      route("GET", "/api/getHistory", (call) => history(context.world, keys, groups(), call))
    ]
  }
}

const tokenIn = (call: Call): string | null => call.request.headers.get("x-api-token") ?? call.query.get("apiKey")

const text = (status: number, body: string): Response =>
  new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } })

/** One person's plays of one movie or episode, last one first. */
type Group = readonly [Play, ...ReadonlyArray<Play>]

/** Groups in order of their last play, most recent first; computed once per state of the world. */
const gathering = (context: AppContext) => {
  const { world } = context
  let revision = -1
  let groups: ReadonlyArray<Group> = []
  return (): ReadonlyArray<Group> => {
    if (revision === world.revision) return groups
    revision = world.revision
    const found = new Map<string, Array<Play>>()
    for (const play of playsOn(context, "jellyfin")) {
      const key = `${play.person.accountId}/${keysOf(play)[0]}`
      const own = found.get(key)
      if (own === undefined) found.set(key, [play])
      else own.unshift(play)
    }
    groups = [...found.values()]
      .flatMap(([last, ...before]): ReadonlyArray<Group> => (last === undefined ? [] : [[last, ...before]]))
      .toSorted(([one], [other]) => endOf(other) - endOf(one))
    return groups
  }
}

const history = (world: SandboxWorld, keys: MediaBrowserKeys, groups: ReadonlyArray<Group>, call: Call): Response => {
  const size = Math.max(1, queryInt(call.query, "size", 50))
  const number = Math.max(1, queryInt(call.query, "page", 1))
  const search = call.query.get("search")?.toLowerCase() ?? ""
  const wanted = search === "" ? groups : groups.filter(([last]) => titleOf(last).toLowerCase().includes(search))
  const found = page(call, wanted, (number - 1) * size, size)
  if (found === undefined) return text(500, "Internal Server Error")
  const head = { current_page: number, pages: Math.ceil(found.total / size), size, sort: "ActivityDateInserted" }
  return listing(call, {
    before: `${JSON.stringify({ ...head, desc: true }).slice(0, -1)},"results":[`,
    after: "]}",
    rows: found.rows,
    render: (group) => ({
      ...activity(world, keys, group[0]),
      // Its database returns sums as strings.
      TotalPlays: String(group.length),
      TotalDuration: String(group.reduce((sum, play) => sum + play.durationSeconds, 0)),
      FullName: titleOf(group[0]),
      results: group.map((play) => activity(world, keys, play))
    })
  })
}

const activity = (world: SandboxWorld, keys: MediaBrowserKeys, play: Play) => {
  const [own = 0, season, show] = keysOf(play)
  const isMovie = play.season === null
  return {
    Id: play.id.toString(16).padStart(32, "0"),
    IsPaused: false,
    UserId: keys.person(play.person),
    UserName: play.person.username,
    Client: "Jellyfin Web",
    DeviceName: "Browser",
    DeviceId: `sandbox-${play.person.cloudId}`,
    ApplicationVersion: "10.11.11",
    // The show of an episode; for a movie, its own id.
    NowPlayingItemId: keys.item(show ?? own),
    NowPlayingItemName: isMovie ? titleOf(play) : episodeTitle(play.episode),
    EpisodeId: isMovie ? null : keys.item(own),
    SeasonId: season === undefined ? null : keys.item(season),
    SeriesName: play.season?.show.work.title ?? null,
    SeasonNumber: play.season?.work.number ?? null,
    EpisodeNumber: isMovie ? null : play.episode,
    PlaybackDuration: String(play.durationSeconds),
    ActivityDateInserted: world.iso(endOf(play)),
    PlayMethod: "DirectPlay",
    ServerId: keys.server,
    imported: false,
    ParentId: keys.item(libraryNumber(libraryOf(play)))
  }
}

const libraryOf = (play: Play) =>
  play.movie === null
    ? ({ type: "show", index: play.season === null ? 0 : libraryOfShow(play.season.show) } as const)
    : ({ type: "movie", index: libraryOfMovie(play.movie) } as const)

const endOf = (play: Play): number => play.startedAt + play.durationSeconds * 1000

const titleOf = (play: Play): string =>
  play.season === null
    ? (play.movie?.work.title ?? "")
    : `${play.season.show.work.title} : S${play.season.work.number}E${play.episode} - ${episodeTitle(play.episode)}`
