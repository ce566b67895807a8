/** A simulated Ombi: requests for movies and shows, a show's requests grouped under the show, and their outcomes. */
import type { SandboxWorld } from "../SandboxWorld.ts"
import type { MediaRequest, Person } from "../world/WorldModel.ts"
import { json, listing, page } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

export const ombi: SandboxApp = {
  id: "ombi",
  kind: "ombi",
  name: "Ombi",
  onlyWhenNamed: true,
  part: "requestManager",
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => (call.request.headers.get("apikey") ?? call.query.get("apikey")) === secret,
  unauthorized: () => new Response(null, { status: 401 }),
  notFound: () => new Response(null, { status: 404 }),
  routes: (context) => [
    openRoute("GET", "/api/v1/Status", () => new Response(null, { status: 200 })),
    openRoute("GET", "/api/v1/Status/info", () => text("4.53.4")),
    ...readRoutes(context),
    ...changeRoutes(context)
  ]
}

/** The version is returned as plain text. */
const text = (body: string): Response =>
  new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } })

const ofMovies = (context: AppContext) => context.requests().filter((request) => request.movie !== null)
const ofShows = (context: AppContext) => context.requests().filter((request) => request.show !== null)

const readRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const count = (test: (request: MediaRequest) => boolean) => context.requests().filter(test).length
  const list = (type: "movie" | "tv", all: () => ReadonlyArray<MediaRequest>) =>
    route("GET", `/api/v2/Requests/${type}/:count/:position/:sort/:order`, (call) => {
      const rows = call.params["order"] === "desc" ? all().toReversed() : all()
      const found = page(call, rows, Number(call.params["position"]), Number(call.params["count"]))
      if (found === undefined) return new Response(null, { status: 500 })
      return listing(call, {
        before: '{"collection":[',
        after: `],"total":${found.total}}`,
        rows: found.rows,
        render: (request) => (type === "movie" ? movieAnswer(world, request) : showAnswer(world, request))
      })
    })
  return [
    route("GET", "/api/v1/Request/movie/total", (call) => json(call, ofMovies(context).length)),
    route("GET", "/api/v1/Request/tv/total", (call) => json(call, ofShows(context).length)),
    route("GET", "/api/v1/Request/count", (call) =>
      json(call, {
        pending: count((request) => request.status === "pending"),
        approved: count((request) => request.status === "approved"),
        available: count((request) => isAvailable(world, request))
      })
    ),
    list("movie", () => ofMovies(context)),
    list("tv", () => ofShows(context)),
    route("GET", "/api/v1/Identity/Users", (call) => json(call, world.people.map(userAnswer)))
  ]
}

const changeRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const remove = (all: () => ReadonlyArray<MediaRequest>) => (call: Call) => {
    const request = all().find((each) => each.id === Number(call.params["id"]))
    if (request === undefined) return new Response(null, { status: 404 })
    return destroy(
      call,
      () => {
        world.requests = world.requests.filter((each) => each !== request)
        world.revision++
      },
      () => json(call, { result: true, isError: false }),
      () => new Response(null, { status: 500 })
    )
  }
  return [
    route(
      "DELETE",
      "/api/v1/Request/movie/:id",
      remove(() => ofMovies(context))
    ),
    route(
      "DELETE",
      "/api/v1/Request/tv/child/:id",
      remove(() => ofShows(context))
    )
  ]
}

const isAvailable = ({ films, series }: SandboxWorld, { movie, show }: MediaRequest): boolean => {
  if (movie !== null) return (films.of(movie)?.fileId ?? 0) !== 0
  return show !== null && (series.of(show)?.seasons.some((season) => season.files !== 0) ?? false)
}

const common = (world: SandboxWorld, request: MediaRequest) => ({
  title: (request.movie ?? request.show)?.title ?? "",
  approved: request.status === "approved" || request.status === "completed",
  available: isAvailable(world, request),
  denied: request.status === "declined",
  deniedReason: null,
  requestType: request.movie === null ? 0 : 1,
  requestedDate: world.iso(request.createdAt).replace("Z", ""),
  markedAsApproved: request.status === "pending" ? never : world.iso(request.createdAt).replace("Z", ""),
  markedAsAvailable: isAvailable(world, request) ? world.iso(request.createdAt).replace("Z", "") : null,
  requestedUserId: idOf(request.person),
  requestedUser: userAnswer(request.person),
  requestedByAlias: null,
  issues: null,
  id: request.id
})

const in4K = (
  { approved, available, denied, markedAsApproved, markedAsAvailable, requestedDate }: ReturnType<typeof common>,
  is4k: boolean
) =>
  is4k
    ? {
        has4KRequest: true,
        approved4K: approved,
        available4K: available,
        denied4K: denied,
        requestedDate4k: requestedDate,
        markedAsApproved4K: markedAsApproved,
        markedAsAvailable4K: markedAsAvailable,
        markedAsApproved: never,
        markedAsAvailable: null,
        approved: false,
        available: false,
        denied: false,
        requestedDate: never
      }
    : { has4KRequest: false, approved4K: false, available4K: false, denied4K: null, requestedDate4k: never }

/** How .NET represents a missing date. */
const never = "0001-01-01T00:00:00"

const movieAnswer = (world: SandboxWorld, request: MediaRequest) => ({
  theMovieDbId: request.movie?.tmdbId ?? 0,
  imdbId: request.movie?.imdbId ?? "",
  releaseDate: world.iso(request.movie?.releasedAt ?? 0).replace("Z", ""),
  overview: "",
  status: "Released",
  ...common(world, request),
  // A request only for the usual copy, or only for the 4K copy.
  ...in4K(common(world, request), request.is4k)
})

/** One person's request for a part of a show. */
const showAnswer = (world: SandboxWorld, request: MediaRequest) => ({
  parentRequestId: request.mediaId,
  parentRequest: {
    tvDbId: request.show?.tvdbId ?? 0,
    externalProviderId: request.show?.tmdbId ?? 0,
    imdbId: request.show?.imdbId ?? "",
    title: request.show?.title ?? "",
    totalSeasons: request.show?.seasons.length ?? 0,
    id: request.mediaId
  },
  seasonRequests: request.seasons.map((seasonNumber) => ({
    seasonNumber,
    episodes: [],
    childRequestId: request.id,
    id: request.id * 100 + seasonNumber
  })),
  ...common(world, request)
})

const idOf = (person: Person): string => `00000000-0000-4000-8000-${String(person.cloudId).padStart(12, "0")}`

const userAnswer = (person: Person) => ({
  id: idOf(person),
  userName: person.username,
  alias: person.friendlyName,
  userAlias: person.friendlyName,
  email: person.email
})
