/** A simulated Tautulli: everything that was ever watched, whether or not it still exists. One path, many commands. */
import { seasonName } from "../world/Titles.ts"
import { numbered } from "../world/Generate.ts"
import type { Play } from "../world/WorldModel.ts"
import { episodeTitle } from "./arr/SeriesAnswers.ts"
import { plexServerId } from "./Plex.ts"
import { type VideoLibrary, videoLibraries } from "./Libraries.ts"
import { entryOfPlay, guidOf, keysOf, sectionKey, sectionOfPlay } from "./plex/PlexKeys.ts"
import { json, listing, page, queryInt } from "./Reply.ts"
import {
  type AppContext,
  type Call,
  openRoute,
  playingOn,
  playsOn,
  type SandboxApp,
  serverOfKind
} from "./SandboxApp.ts"

const commandPath = "/api/v2"

export const tautulli: SandboxApp = {
  id: "tautulli",
  kind: "tautulli",
  name: "Tautulli",
  keepsPlaysOf: serverOfKind("plex"),
  config: (apiKey) => ({ apiKey }),
  faultPath: (path, query) => (path === commandPath ? `${path}/${query.get("cmd") ?? ""}` : path),
  destructive: (query) => (query.get("cmd") ?? "").startsWith("delete_"),
  authorized: (call, secret) => call.query.get("apikey") === secret,
  unauthorized: (call) => failure(call, call.query.has("apikey") ? "Invalid apikey" : "Parameter apikey is required"),
  notFound: () =>
    new Response("<html><head><title>404</title></head></html>", {
      status: 404,
      headers: { "content-type": "text/html" }
    }),
  routes: (context) => [
    openRoute("GET", "/status", (call) => json(call, { result: "success", message: "Ok" })),
    ...["GET", "POST"].map((method) =>
      openRoute(method, commandPath, (call) => {
        if (!tautulli.authorized(call, context.secret)) return tautulli.unauthorized(call)
        const name = call.query.get("cmd") ?? ""
        const run = Object.hasOwn(commands, name) ? commands[name] : undefined
        return run === undefined ? failure(call, `Unknown command: ${name}`) : run(context, call)
      })
    )
  ]
}

type Command = (context: AppContext, call: Call) => Response

const commands: Readonly<Record<string, Command>> = {
  get_history: (context, call) => history(context, call),
  get_tautulli_info: (_, call) =>
    success(call, {
      tautulli_install_type: "docker",
      tautulli_version: "v2.17.2",
      tautulli_branch: "master",
      tautulli_commit: null,
      tautulli_platform: "Linux",
      tautulli_platform_release: "6.12",
      tautulli_platform_version: "#1 SMP",
      tautulli_platform_linux_distro: "Alpine Linux",
      tautulli_platform_device_name: "sandbox",
      tautulli_python_version: "3.13.5"
    }),
  status: (_, call) => json(call, { response: { result: "success", message: "Ok", data: {} } }),
  server_status: (context, call) => success(call, { connected: !isPlexDown(context) }),
  get_server_info: (context, call) => success(call, { pms_identifier: plexServerId(context), pms_name: "Sandbox" }),
  // As in the original: while Plex is down, this is a success with empty data.
  get_activity: (context, call) =>
    success(
      call,
      isPlexDown(context)
        ? {}
        : {
            stream_count: String(playingOn(context, "plex").length),
            sessions: playingOn(context, "plex").map((play) => activity(context.world, play))
          }
    ),
  get_libraries: (context, call) => success(call, isPlexDown(context) ? [] : libraries(context)),
  get_library_names: ({ world }, call) =>
    success(
      call,
      videoLibraries(world).map((library) => ({
        section_id: Number(sectionKey(library)),
        section_name: library.title,
        section_type: library.type,
        agent: agents[library.type]
      }))
    ),
  get_user_names: ({ world }, call) =>
    success(
      call,
      world.people.map((person) => ({ user_id: person.cloudId, friendly_name: person.friendlyName }))
    ),
  get_users: ({ world }, call) =>
    success(
      call,
      world.people.map((person, index) => ({
        row_id: index + 1,
        user_id: person.cloudId,
        username: person.username,
        friendly_name: person.friendlyName,
        thumb: "",
        email: person.email,
        is_active: 1,
        is_admin: index === 0 ? 1 : 0,
        is_home_user: 1,
        is_allow_sync: 0,
        is_restricted: 0,
        do_notify: 1,
        keep_history: 1,
        allow_guest: 0,
        shared_libraries: videoLibraries(world).map(sectionKey),
        filter_all: null,
        filter_movies: null,
        filter_tv: null,
        filter_music: null,
        filter_photos: null
      }))
    ),
  get_item_user_stats: (context, call) => {
    const { world } = context
    const key = queryInt(call.query, "rating_key", 0)
    const plays = playsOn(context, "plex").filter((play) => keysOf(play).includes(key))
    const stats = world.people.flatMap((person) => {
      const own = plays.filter((play) => play.person === person)
      const totalTime = own.reduce((sum, play) => sum + play.durationSeconds, 0)
      if (own.length === 0) return []
      return {
        friendly_name: person.friendlyName,
        user_id: person.cloudId,
        user_thumb: gravatar,
        username: person.username,
        total_plays: own.length,
        total_time: totalTime
      }
    })
    return success(
      call,
      stats.toSorted((one, other) => other.total_plays - one.total_plays)
    )
  },
  get_item_watch_time_stats: (context, call) => {
    const key = queryInt(call.query, "rating_key", 0)
    const days = (call.query.get("query_days") ?? "1,7,30,0").split(",").map(Number)
    return success(
      call,
      days.map((queryDays) => {
        const since = queryDays === 0 ? -Infinity : context.world.now() - queryDays * 86_400_000
        const plays = playsOn(context, "plex").filter((play) => play.startedAt >= since && keysOf(play).includes(key))
        return {
          query_days: queryDays,
          total_time: plays.reduce((sum, play) => sum + play.durationSeconds, 0),
          total_plays: plays.length
        }
      })
    )
  }
}

const history = (context: AppContext, call: Call): Response => {
  const { world } = context
  const { query } = call
  const running = query.get("include_activity") === "1" ? playingOn(context, "plex") : []
  const all = [...playsOn(context, "plex"), ...running]
  const number = (name: string) => (query.has(name) && query.get(name) !== "" ? Number(query.get(name)) : null)
  const user = query.get("user")
  const [userId, section, guid] = [number("user_id"), number("section_id"), query.get("guid")]
  const [own, parent, grandparent] = [
    number("rating_key"),
    number("parent_rating_key"),
    number("grandparent_rating_key")
  ]
  const mediaTypes = query.get("media_type")?.split(",") ?? null
  const search = query.get("search")?.toLowerCase() ?? ""
  const day = (play: Play) => world.iso(play.startedAt).slice(0, 10)
  const [after, before, on] = [query.get("after"), query.get("before"), query.get("start_date")]
  const wanted = (play: Play): boolean => {
    const [key, parentKey, grandparentKey] = keysOf(play)
    return (
      (user === null || play.person.username === user) &&
      (userId === null || play.person.cloudId === userId) &&
      (section === null || section === Number(sectionOfPlay(play))) &&
      (own === null || own === key) &&
      (parent === null || parent === parentKey) &&
      (grandparent === null || grandparent === grandparentKey) &&
      (mediaTypes === null || mediaTypes.includes(play.movie === null ? "episode" : "movie")) &&
      (guid === null || guid === guidOfPlay(play)) &&
      (search === "" || fullTitle(play).toLowerCase().includes(search)) &&
      (after === null || day(play) >= after) &&
      (before === null || day(play) <= before) &&
      (on === null || day(play) === on)
    )
  }
  const filtered = all.filter(wanted)
  if (query.get("order_dir") !== "asc") filtered.reverse()
  const asked = queryInt(query, "length", 25)
  const found = page(call, filtered, Math.max(0, queryInt(query, "start", 0)), asked < 0 ? filtered.length : asked)
  if (found === undefined) return failure(call, "Unable to query the database", 500)
  const seconds = filtered.reduce((sum, play) => sum + play.durationSeconds, 0)
  const totals = JSON.stringify({
    draw: 1,
    filter_duration: spoken(seconds),
    total_duration: spoken(all.reduce((sum, play) => sum + play.durationSeconds, 0))
  })
  const counts = `"recordsFiltered":${found.total},"recordsTotal":${found.total === 0 ? 0 : all.length}`
  return listing(call, {
    before: `{"response":{"result":"success","message":null,"data":{${counts},"data":[`,
    after: `],${totals.slice(1)}}}`,
    rows: found.rows,
    render: (play) => (running.includes(play) ? activity(world, play) : row(world, play)),
    contentType: jsonType
  })
}

const row = (world: AppContext["world"], play: Play) => {
  const [key, parent, grandparent] = keysOf(play)
  const started = world.epoch(play.startedAt)
  const work = play.movie?.work ?? play.season?.show.work
  const isMovie = play.movie !== null
  const direct = play.id % 4 !== 0
  return {
    reference_id: play.id,
    row_id: play.id,
    id: play.id,
    date: started,
    started,
    stopped: started + play.durationSeconds,
    duration: play.durationSeconds,
    play_duration: play.durationSeconds,
    paused_counter: 0,
    user_id: play.person.cloudId,
    user: play.person.username,
    friendly_name: play.person.friendlyName,
    user_thumb: gravatar,
    platform: direct ? "Android" : "Chrome",
    product: direct ? "Plex for Android (TV)" : "Plex Web",
    player: direct ? "Living room" : "Browser",
    ip_address: "192.0.2.3",
    live: 0,
    machine_id: `sandbox-${play.person.cloudId}`,
    location: "lan",
    secure: 1,
    relayed: 0,
    media_type: isMovie ? "movie" : "episode",
    rating_key: key ?? "",
    parent_rating_key: parent ?? "",
    grandparent_rating_key: grandparent ?? "",
    full_title: fullTitle(play),
    title: isMovie ? (work?.title ?? "") : episodeTitle(play.episode),
    parent_title: play.season === null ? "" : seasonName(play.season.work.number),
    grandparent_title: play.season === null ? "" : (work?.title ?? ""),
    original_title: "",
    year: work?.year ?? "",
    media_index: isMovie ? "" : play.episode,
    parent_media_index: play.season === null ? "" : play.season.work.number,
    thumb: `/library/metadata/${grandparent ?? key}/thumb/1700000000`,
    originally_available_at: world.iso(work?.releasedAt ?? 0).slice(0, 10),
    guid: guidOfPlay(play),
    transcode_decision: direct ? "direct play" : "transcode",
    percent_complete: play.percent,
    watched_status: play.percent >= 85 ? 1 : Math.floor(play.percent / 25) / 4,
    group_count: 1,
    group_ids: String(play.id),
    state: null,
    session_key: null
  }
}

/** A play in progress has no row in the database yet. */
const activity = (world: AppContext["world"], play: Play) => ({
  ...row(world, play),
  reference_id: null,
  row_id: null,
  id: null,
  stopped: null,
  group_count: null,
  group_ids: null,
  state: "playing",
  session_key: -play.id
})

const agents = { movie: "tv.plex.agents.movie", show: "tv.plex.agents.series" } as const

const isPlexDown = ({ faults, number }: AppContext): boolean => faults.isDown(numbered("plex", number))

const libraries = ({ world }: AppContext) => videoLibraries(world).map((library) => libraryAnswer(world, library))

const libraryAnswer = (world: AppContext["world"], library: VideoLibrary) => {
  const { index, title, type } = library
  const shows = [...(world.showShelves[index]?.onServer.values() ?? [])]
  const seasons = shows.flatMap((show) => show.seasons)
  return {
    section_id: sectionKey(library),
    section_name: title,
    section_type: type,
    agent: agents[type],
    thumb: `/:/resources/${type}.png`,
    art: `/:/resources/${type}-fanart.jpg`,
    count: String(type === "movie" ? (world.movieShelves[index]?.onServer.size ?? 0) : shows.length),
    is_active: 1,
    ...(type === "movie"
      ? {}
      : {
          parent_count: String(seasons.length),
          child_count: String(seasons.reduce((sum, season) => sum + season.work.aired, 0))
        })
  }
}

const guidOfPlay = (play: Play): string => {
  const entry = entryOfPlay(play)
  return entry === undefined ? "" : guidOf(entry)
}

const fullTitle = (play: Play): string =>
  play.movie === null ? `${play.season?.show.work.title ?? ""} - ${episodeTitle(play.episode)}` : play.movie.work.title

const spoken = (seconds: number): string => {
  const parts = [
    [Math.floor(seconds / 86_400), "day"],
    [Math.floor(seconds / 3600) % 24, "hr"],
    [Math.floor(seconds / 60) % 60, "min"]
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
  return said.length === 0 ? "0 mins" : said.join(" ")
}

const jsonType = "application/json;charset=UTF-8"
const gravatar = "interfaces/default/images/gravatar-default-80x80.png"

const success = (call: Call, data: unknown): Response =>
  json(call, { response: { result: "success", message: null, data } }, 200, jsonType)

const failure = (call: Call, message: string, status = 400): Response =>
  json(call, { response: { result: "error", message, data: {} } }, status, jsonType)
