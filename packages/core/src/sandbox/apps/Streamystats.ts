/**
 * A simulated Streamystats: every play by the ids of the simulated Jellyfin, and a watchlist of each person, of which every
 * second one is public. Its session is that of the owner.
 */
import type { Person, Play } from "../world/WorldModel.ts"
import { episodeTitle } from "./arr/SeriesAnswers.ts"
import { moviesOnServer, showsOnServer } from "./Libraries.ts"
import { jellyfinKeys } from "./mediabrowser/MediaBrowserKeys.ts"
import { keysOf, movieKey, showKey } from "./plex/PlexKeys.ts"
import { json, listing, page } from "./Reply.ts"
import { type AppContext, type Call, openRoute, playsOn, route, type SandboxApp, serverOfKind } from "./SandboxApp.ts"

/** Its own number of the only server. */
const serverId = 1

export const streamystats: SandboxApp = {
  id: "streamystats",
  kind: "streamystats",
  name: "Streamystats",
  onlyWhenNamed: true,
  keepsPlaysOf: serverOfKind("jellyfin"),
  config: (session) => ({ session }),
  authorized: (call, secret) => sessionIn(call) === secret,
  unauthorized: (call) => json(call, { error: "Unauthorized", message: "Sign in to use this route." }, 401),
  notFound: (call) => json(call, { error: "Not found" }, 404),
  routes: (context) => {
    const keys = jellyfinKeys(context.world, context.number)
    return [
      openRoute("GET", "/api/servers", (call) =>
        json(call, [
          {
            id: serverId,
            jellyfinId: keys.server,
            name: serverOfKind("jellyfin")(context)?.name ?? "Jellyfin",
            url: "http://jellyfin:8096",
            version: "10.11.11",
            productName: "Jellyfin Server",
            syncStatus: "completed"
          }
        ])
      ),
      route("GET", "/api/Sessions", (call) => json(call, [])),
      route("GET", "/api/export/:id", (call) =>
        Number(call.params["id"]) === serverId ? backup(context, call) : json(call, { error: "Forbidden" }, 403)
      ),
      route("GET", "/api/watchlists", (call) =>
        json(call, {
          data: listsOf(context).map(({ entries, id, owner }) => ({
            ...listAnswer(context, id, owner),
            itemCount: entries.length
          }))
        })
      ),
      route("GET", "/api/watchlists/:id", (call) => {
        const list = listsOf(context).find(({ id }) => id === Number(call.params["id"]))
        if (list === undefined) return json(call, { error: "Watchlist not found" }, 404)
        const { entries, id, owner } = list
        return json(call, {
          data: {
            ...listAnswer(context, id, owner),
            items: entries.map((entry, position) => ({
              id: id * 10_000 + position,
              watchlistId: id,
              itemId: entry.id,
              position,
              addedAt: context.world.iso(entry.addedAt),
              item: { ...entry, seriesId: null, productionYear: null }
            }))
          }
        })
      })
    ]
  }
}

const sessionIn = ({ request }: Call): string | null =>
  /(?:^|;\s*)streamystats-session=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? null

/** The lists that the owner sees: their own, and those that are public. */
const listsOf = ({ number, requests, world }: AppContext) => {
  const keys = jellyfinKeys(world, number)
  const movies = new Map(moviesOnServer(world).map((movie) => [movie.work.tmdbId, movie]))
  const shows = new Map(showsOnServer(world).map((show) => [show.work.tmdbId, show]))
  return world.people.flatMap((owner, index) => {
    if (index !== 0 && !isPublic(owner)) return []
    const entries = requests()
      .filter(({ person }) => person === owner)
      .flatMap(({ createdAt: addedAt, movie, show }) => {
        const film = movie === null ? undefined : movies.get(movie.tmdbId)
        if (film !== undefined)
          return [{ id: keys.item(movieKey(film)), name: film.work.title, type: "Movie", addedAt }]
        const series = show === null ? undefined : shows.get(show.tmdbId)
        return series === undefined
          ? []
          : [{ id: keys.item(showKey(series)), name: series.work.title, type: "Series", addedAt }]
      })
    return [{ id: owner.accountId, owner, entries }]
  })
}

const isPublic = ({ accountId }: Person): boolean => accountId % 2 === 0

const listAnswer = ({ number, world }: AppContext, id: number, owner: Person) => ({
  id,
  serverId,
  userId: jellyfinKeys(world, number).person(owner),
  name: "To watch",
  description: null,
  isPublic: isPublic(owner),
  isPromoted: false,
  allowedItemType: null,
  defaultSortOrder: "custom"
})

const backup = (context: AppContext, call: Call): Response => {
  const plays = playsOn(context, "jellyfin")
  const found = page(call, plays, 0, plays.length)
  if (found === undefined) return json(call, { error: "Export failed" }, 500)
  // Half of the rows below the number that is announced: the connection was cut in its database.
  const half = call.fault.take("halfPages")
  if (half?.how === "fail") return json(call, { error: "Export failed", message: "connection terminated" }, 500)
  const rows = half?.how === "short" ? found.rows.slice(0, Math.floor(found.rows.length / 2)) : found.rows
  const head = {
    exportInfo: { serverName: "Jellyfin", serverId, version: "streamystats", exportType: "backup" },
    counts: { sessions: found.total, hiddenRecommendations: 0 }
  }
  return listing(call, {
    before: `${JSON.stringify(head).slice(0, -1)},"sessions":[`,
    after: `],"hiddenRecommendations":[]}`,
    rows,
    render: (play) => sessionOf(context, play)
  })
}

const sessionOf = ({ number, world }: AppContext, play: Play) => {
  const keys = jellyfinKeys(world, number)
  const [own = 0, season, show] = keysOf(play)
  const isMovie = play.season === null
  const name = isMovie ? (play.movie?.work.title ?? "") : episodeTitle(play.episode)
  const ended = play.startedAt + play.durationSeconds * 1000
  const episode = isMovie ? {} : { ParentIndexNumber: play.season.work.number, IndexNumber: play.episode }
  return {
    id: play.id.toString(16).padStart(32, "0"),
    serverId,
    userId: keys.person(play.person),
    userName: play.person.username,
    itemId: keys.item(own),
    itemName: name,
    seriesId: show === undefined ? null : keys.item(show),
    seriesName: play.season?.show.work.title ?? null,
    seasonId: season === undefined ? null : keys.item(season),
    playDuration: play.durationSeconds,
    startTime: world.iso(play.startedAt),
    endTime: world.iso(ended),
    percentComplete: play.percent,
    completed: play.percent >= 90,
    isInferred: false,
    rawData: { Client: "Jellyfin Web", NowPlayingItem: { Name: name, Type: isMovie ? "Movie" : "Episode", ...episode } }
  }
}
