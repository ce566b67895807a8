/** A simulated Seerr, Overseerr and Jellyseerr, which share one API: requests and their progress. */
import type { SandboxWorld } from "../SandboxWorld.ts"
import { fullMask } from "../world/Masks.ts"
import { titleSlug } from "../world/Titles.ts"
import type {
  MediaRequest,
  MovieRecord,
  MovieWork,
  Person,
  RequestStatus,
  ShowRecord,
  ShowWork
} from "../world/WorldModel.ts"
import { json, listing, page, queryInt } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

const api = "/api/v1"

const seerrApp = (
  about: Pick<SandboxApp, "kind" | "name" | "onlyWhenNamed">,
  version: string,
  serverType: { readonly mediaServerType?: number } = { mediaServerType: 1 }
): SandboxApp => ({
  ...about,
  id: about.kind,
  part: "requestManager",
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => call.request.headers.get("x-api-key") === secret,
  unauthorized: (call) => json(call, { status: 403, error: "You do not have permission to access this endpoint" }, 403),
  notFound: (call) => json(call, { message: "not found", errors: [{ path: call.path, message: "not found" }] }, 404),
  routes: (context) => [
    ...serverRoutes(context, about.name, version, serverType),
    ...requestRoutes(context),
    ...mediaRoutes(context)
  ]
})

export const seerr = seerrApp({ kind: "seerr", name: "Seerr" }, "3.0.1")
// It supports only Plex as media server, and does not name it.
export const overseerr = seerrApp({ kind: "overseerr", name: "Overseerr", onlyWhenNamed: true }, "1.34.0", {})
export const jellyseerr = seerrApp({ kind: "jellyseerr", name: "Jellyseerr", onlyWhenNamed: true }, "2.7.3")

const statusNumbers = { pending: 1, approved: 2, declined: 3, failed: 4, completed: 5 } as const
const mediaStatus = { unknown: 1, pending: 2, processing: 3, partial: 4, available: 5, deleted: 7 } as const

const serverRoutes = (
  context: AppContext,
  title: string,
  version: string,
  serverType: { readonly mediaServerType?: number }
): ReadonlyArray<Route> => [
  openRoute("GET", `${api}/status`, (call) =>
    json(call, {
      version,
      commitTag: "sandbox",
      updateAvailable: false,
      commitsBehind: 0,
      restartRequired: false
    })
  ),
  openRoute("GET", `${api}/settings/public`, (call) =>
    json(call, { initialized: true, applicationTitle: title, localLogin: true, ...serverType })
  ),
  route("GET", `${api}/settings/main`, (call) =>
    json(call, {
      apiKey: context.secret,
      applicationTitle: title,
      applicationUrl: "",
      hideAvailable: false,
      localLogin: true,
      newPlexLogin: true,
      defaultPermissions: 32,
      ...serverType,
      partialRequestsEnabled: true,
      enableSpecialEpisodes: false
    })
  ),
  route("GET", `${api}/auth/me`, (call) => {
    const acting = queryInt(new URLSearchParams({ id: call.request.headers.get("x-api-user") ?? "1" }), "id", 1)
    const person = context.world.people[acting - 1]
    return person === undefined ? notHere(call, "User not found.") : json(call, userAnswer(context, person))
  }),
  route("GET", `${api}/user`, (call) =>
    results(call, context.world.people, 10, (person) => userAnswer(context, person))
  ),
  route("GET", `${api}/user/:id`, (call) => {
    const person = context.world.people[Number(call.params["id"]) - 1]
    return person === undefined ? notHere(call, "User not found.") : json(call, userAnswer(context, person))
  }),
  // Everybody has some of the titles that they requested on their watchlist.
  route("GET", `${api}/user/:id/watchlist`, (call) => {
    const person = context.world.people[Number(call.params["id"]) - 1]
    if (person === undefined) return notHere(call, "User not found.")
    const own = context.requests().filter((request) => request.person === person && request.id % 3 !== 0)
    const number = Math.max(1, queryInt(call.query, "page", 1))
    return json(call, {
      page: number,
      totalPages: Math.ceil(own.length / watchlistPage),
      totalResults: own.length,
      results: own.slice((number - 1) * watchlistPage, number * watchlistPage).map(({ id, movie, show }) => ({
        ratingKey: `watch-${id}`,
        title: (movie ?? show)?.title ?? "",
        mediaType: movie === null ? "tv" : "movie",
        tmdbId: (movie ?? show)?.tmdbId ?? 0
      }))
    })
  })
]

const watchlistPage = 20

const requestRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { requests, world } = context
  const found = (call: Call) => requests().find((request) => request.id === Number(call.params["id"]))
  const decide = (call: Call, status: RequestStatus) => {
    const request = found(call)
    if (request === undefined) return notHere(call, "Request not found.")
    request.status = status
    world.revision++
    return json(call, requestAnswer(context, request))
  }
  return [
    route("GET", `${api}/request`, (call) => {
      const shown = filters[call.query.get("filter") ?? "all"] ?? (() => true)
      const requestedBy = queryInt(call.query, "requestedBy", 0)
      const mediaType = call.query.get("mediaType") ?? "all"
      const rows = requests().filter(
        (request) =>
          shown(request.status, mediaStatusOf(world, request)) &&
          (requestedBy === 0 || world.people[requestedBy - 1] === request.person) &&
          (mediaType === "all" || (mediaType === "movie") === (request.movie !== null))
      )
      if (call.query.get("sortDirection") !== "asc") rows.reverse()
      return results(call, rows, 10, (request) => requestAnswer(context, request), {
        serviceErrors: { radarr: [], sonarr: [] }
      })
    }),
    route("GET", `${api}/request/count`, (call) => {
      const count = (test: (request: MediaRequest) => boolean) => requests().filter(test).length
      const media = (status: number) =>
        count((request) => request.status === "approved" && mediaStatusOf(world, request) === status)
      return json(call, {
        total: requests().length,
        movie: count((request) => request.movie !== null),
        tv: count((request) => request.show !== null),
        pending: count((request) => request.status === "pending"),
        approved: count((request) => request.status === "approved"),
        declined: count((request) => request.status === "declined"),
        processing: media(mediaStatus.processing),
        available: media(mediaStatus.available),
        completed: count((request) => request.status === "completed")
      })
    }),
    route("GET", `${api}/request/:id`, (call) => {
      const request = found(call)
      return request === undefined ? notHere(call, "Request not found.") : json(call, requestAnswer(context, request))
    }),
    route("POST", `${api}/request/:id/approve`, (call) => decide(call, "approved")),
    route("POST", `${api}/request/:id/decline`, (call) => decide(call, "declined")),
    route("DELETE", `${api}/request/:id`, (call) => {
      const request = found(call)
      if (request === undefined) return notHere(call, "Request not found.")
      return destroy(
        call,
        () => drop(world, (each) => each === request),
        () => new Response(null, { status: 204 }),
        () => json(call, { message: "SQLITE_BUSY: database is locked" }, 500)
      )
    })
  ]
}

const mediaRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { requests, world } = context
  const info = (request: MediaRequest) => ({
    ...mediaAnswer(world, request),
    requests: requests()
      .filter((each) => each.mediaId === request.mediaId)
      .map((each) => requestAnswer(context, each))
  })
  const details = (call: Call, work: MovieWork | ShowWork | undefined, name: "title" | "name") => {
    if (work === undefined) return json(call, { message: "Unable to retrieve details." }, 500)
    const request = requests().find((each) => (each.movie ?? each.show) === work)
    return json(call, {
      id: work.tmdbId,
      [name]: work.title,
      ...(request === undefined ? {} : { mediaInfo: info(request) })
    })
  }
  return [
    route("GET", `${api}/media`, (call) => {
      const first = new Map(requests().map((request) => [request.mediaId, request]))
      return results(call, [...first.values()], 20, (request) => mediaAnswer(world, request))
    }),
    // Deletes the entry with all of its requests, so that it can be requested again.
    route("DELETE", `${api}/media/:id`, (call) => {
      const mediaId = Number(call.params["id"])
      if (!requests().some((request) => request.mediaId === mediaId)) return notHere(call, "Media not found")
      return destroy(
        call,
        () => drop(world, (request) => request.mediaId === mediaId),
        () => new Response(null, { status: 204 }),
        () => json(call, { message: "SQLITE_BUSY: database is locked" }, 500)
      )
    }),
    route("GET", `${api}/movie/:id`, (call) => {
      const tmdbId = Number(call.params["id"])
      return details(call, world.films.known(String(tmdbId)), "title")
    }),
    route("GET", `${api}/tv/:id`, (call) => {
      const tmdbId = Number(call.params["id"])
      const asked = requests().find((request) => request.show?.tmdbId === tmdbId)?.show
      const held = [...world.shows.values()].find((show) => show.work.tmdbId === tmdbId)?.work
      return details(call, asked ?? held, "name")
    })
  ]
}

const filters: Readonly<Record<string, (status: RequestStatus, media: number) => boolean>> = {
  approved: (status) => status === "approved",
  pending: (status) => status === "pending",
  processing: (status, media) => status === "approved" && media < mediaStatus.available,
  available: (status, media) => (status === "approved" || status === "completed") && media === mediaStatus.available,
  unavailable: (status, media) => (status === "pending" || status === "approved") && media < mediaStatus.available,
  failed: (status) => status === "failed",
  deleted: (_, media) => media === mediaStatus.deleted,
  completed: (status) => status === "completed"
}

/** A page by `take` and `skip`, with additional fields. */
const results = <A>(
  call: Call,
  all: ReadonlyArray<A>,
  defaultTake: number,
  render: (row: A) => unknown,
  beside: Readonly<Record<string, unknown>> = {}
): Response => {
  const take = Math.max(1, queryInt(call.query, "take", defaultTake))
  const skip = Math.max(0, queryInt(call.query, "skip", 0))
  const found = page(call, all, skip, take)
  if (found === undefined) return json(call, { message: "SQLITE_BUSY: database is locked" }, 500)
  const pageInfo = {
    pages: Math.ceil(found.total / take),
    pageSize: take,
    results: found.total,
    page: Math.ceil(skip / take) + 1
  }
  return listing(call, {
    before: `${JSON.stringify({ ...beside, pageInfo }).slice(0, -1)},"results":[`,
    after: "]}",
    rows: found.rows,
    render
  })
}

const drop = (world: SandboxWorld, test: (request: MediaRequest) => boolean): void => {
  world.requests = world.requests.filter((request) => !test(request))
  world.revision++
}

const notHere = (call: Call, message: string): Response => json(call, { status: 404, message }, 404)

const requestAnswer = (context: AppContext, request: MediaRequest) => {
  const { world } = context
  const at = world.iso(request.createdAt)
  const user = userAnswer(context, request.person)
  const sent = request.status === "approved" || request.status === "completed"
  return {
    id: request.id,
    status: statusNumbers[request.status],
    createdAt: at,
    updatedAt: at,
    type: request.movie === null ? "tv" : "movie",
    is4k: request.is4k,
    serverId: sent ? (request.is4k ? 1 : 0) : null,
    profileId: sent ? 4 : null,
    rootFolder: sent ? (request.movie === null ? "/data/shows" : "/data/movies") : null,
    languageProfileId: null,
    tags: [],
    isAutoRequest: false,
    media: mediaAnswer(world, request),
    seasons: request.seasons.map((seasonNumber) => ({
      id: request.id * 100 + seasonNumber,
      seasonNumber,
      status: statusNumbers[request.status],
      createdAt: at,
      updatedAt: at
    })),
    modifiedBy: request.status === "pending" ? null : user,
    requestedBy: user,
    seasonCount: request.seasons.length,
    canRemove: sent
  }
}

const mediaAnswer = (world: SandboxWorld, request: MediaRequest) => {
  const at = world.iso(request.createdAt)
  const work = request.movie ?? request.show
  const record = held(world, request)
  return {
    downloadStatus: [],
    downloadStatus4k: [],
    id: request.mediaId,
    mediaType: request.movie === null ? "tv" : "movie",
    tmdbId: work?.tmdbId ?? 0,
    tvdbId: request.show?.tvdbId ?? null,
    imdbId: request.movie?.imdbId ?? null,
    status: request.is4k ? mediaStatus.unknown : mediaStatusOf(world, request),
    status4k: request.is4k ? mediaStatusOf(world, request) : mediaStatus.unknown,
    createdAt: at,
    updatedAt: at,
    lastSeasonChange: at,
    mediaAddedAt: record === undefined ? null : world.iso(record.addedAt),
    serviceId: record === undefined ? null : 0,
    serviceId4k: null,
    externalServiceId: record?.id ?? null,
    externalServiceId4k: null,
    externalServiceSlug: record === undefined || work === null ? null : titleSlug(work.title),
    externalServiceSlug4k: null,
    ratingKey: null,
    ratingKey4k: null,
    jellyfinMediaId: null,
    jellyfinMediaId4k: null
  }
}

/** The library entry that a request led to. */
const held = (world: SandboxWorld, request: MediaRequest): MovieRecord | ShowRecord | undefined => {
  if (request.movie !== null) return world.films.of(request.movie)
  return request.show === null ? undefined : world.series.of(request.show)
}

/** The availability that a scan would find now. */
const mediaStatusOf = (world: SandboxWorld, request: MediaRequest): number => {
  if (request.status === "pending") return mediaStatus.pending
  if (request.status === "declined") return mediaStatus.unknown
  const record = held(world, request)
  if (record === undefined) return request.status === "failed" ? mediaStatus.unknown : mediaStatus.deleted
  if (!("seasons" in record)) return record.fileId === 0 ? mediaStatus.processing : mediaStatus.available
  const whole = record.seasons.filter((season) => season.files === fullMask(season.work.aired)).length
  if (whole === record.seasons.length) return mediaStatus.available
  return record.seasons.some((season) => season.files !== 0) ? mediaStatus.partial : mediaStatus.processing
}

const userAnswer = ({ requests, world }: AppContext, person: Person) => {
  const at = world.iso(world.startedAt - 400 * 86_400_000)
  return {
    permissions: person.accountId === 1 ? 2 : 32,
    warnings: [],
    id: world.people.indexOf(person) + 1,
    email: person.email,
    plexUsername: person.username,
    jellyfinUsername: null,
    username: person.friendlyName,
    recoveryLinkExpirationDate: null,
    userType: 1,
    plexId: person.cloudId,
    jellyfinUserId: null,
    avatar: "",
    avatarETag: null,
    avatarVersion: null,
    movieQuotaLimit: null,
    movieQuotaDays: null,
    tvQuotaLimit: null,
    tvQuotaDays: null,
    createdAt: at,
    updatedAt: at,
    requestCount: requests().filter((request) => request.person === person).length,
    displayName: person.friendlyName
  }
}
