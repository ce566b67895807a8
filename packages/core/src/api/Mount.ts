/**
 * A mount: one HTTP API under a prefix, with an edge of its own. The native API is one; an API of another product over the
 * same services is another. What an edge does not say is as the native one has it: who wants less says so.
 */
import { Context, type Layer } from "effect"
import type { HttpRouter, HttpServerResponse } from "effect/http"
import type { CurrentPrincipal, Scope } from "../access/Scope.ts"
import type { PathMethods } from "./Methods.ts"
import type { Refusal } from "./Refusal.ts"

/**
 * An API under a path, switched on by `mounts` of `serve`, or by `Mounts.start` while a server runs.
 *
 * @example
 * ```ts
 * import type { LoadedMount, Mount } from "@tendarr/core/api/Mount"
 * import { Library } from "@tendarr/core/library/Library"
 * import type { ServeOptions } from "@tendarr/core/server/ServeOptions"
 * import { serve } from "@tendarr/http-node"
 *
 * // In a program of yours: () => import("./Titles.ts").then(({ titles }) => titles)
 * declare const load: () => Promise<LoadedMount<Library>>
 *
 * const titlesMount: Mount<Library> = { name: "titles", prefix: "/elsewhere", load }
 *
 * export const server = (options: ServeOptions) => serve(options, { mounts: [{ mount: titlesMount }] })
 * ```
 */
export interface Mount<Services = never> {
  /** For messages and logs. */
  readonly name: string
  /** Path under which it answers, as `/elsewhere`; `""` = the root. */
  readonly prefix: string
  /** Imports its module. Called when the mount is switched on, and not before. */
  readonly load: () => Promise<LoadedMount<Services>>
  /** Paths under its prefix that no other mount of the same port may take. */
  readonly keeps?: ReadonlyArray<string>
}

/**
 * What the module of a mount brings.
 *
 * @example
 * ```ts
 * import { edgeWith } from "@tendarr/core/api/Edge"
 * import type { LoadedMount } from "@tendarr/core/api/Mount"
 * import { Library } from "@tendarr/core/library/Library"
 * import { Effect } from "effect"
 * import { HttpRouter, HttpServerResponse } from "effect/http"
 *
 * export const titles: LoadedMount<Library> = {
 *   routes: HttpRouter.add(
 *     "GET",
 *     "/titles",
 *     Effect.gen(function* () {
 *       const library = yield* Library
 *       const { items } = yield* library.page({ limit: 10 })
 *       return HttpServerResponse.jsonUnsafe(items.map(({ title }) => title))
 *     })
 *   ),
 *   edge: edgeWith({
 *     methodsOf: (path) => ({ own: path === "/titles", methods: path === "/titles" ? ["GET"] : [] })
 *   })
 * }
 * ```
 */
export interface LoadedMount<Services = never> {
  /** Paths are relative to the prefix. */
  readonly routes: MountRoutes<Services>
  readonly edge: Edge
}

export type MountRoutes<Services> = Layer.Layer<
  never,
  never,
  | Services
  | HttpRouter.HttpRouter
  | HttpRouter.Request.From<"Requires", Services | CurrentPrincipal>
  | HttpRouter.Request<"Error", unknown>
>

/** Everything between a connection and the routes of a mount. */
export interface Edge {
  /** Methods of a path under the prefix. Answers 405 and OPTIONS, and lets a path with a name of its own be no parameter. */
  readonly methodsOf: (path: string) => PathMethods
  /** The shape of errors: those of requests that reach no route, and those of routes that failed without an answer. */
  readonly refuse: (refusal: Refusal) => HttpServerResponse.HttpServerResponse
  /** Whether an error as plain text is meant by the routes. Where not, it takes the shape of errors. */
  readonly textErrors: boolean
  /** What pages of the allowed origins may send and read; `null` = nothing, whatever the settings allow. */
  readonly cors: CorsPolicy | null
  readonly bodies: BodyBounds
  /** Headers of every answer in place of the usual ones; `null` leaves one out. */
  readonly headers: Readonly<Record<string, string | null>>
  readonly access: MountAccess
  readonly openApi: MountDocument | null
}

export interface CorsPolicy {
  /** Headers that a page may send beside what every page may. */
  readonly requestHeaders: ReadonlyArray<string>
  /** Headers of an answer that a page may read beside what every page may. */
  readonly answerHeaders: ReadonlyArray<string>
}

/** `null` = no bound at the edge: the route writes it to the disk piece by piece, and bounds it there. */
export interface BodyBounds {
  /** Bytes. */
  readonly most: number
  /** Bytes by method and path: `POST /settings/import`. */
  readonly byPath: Readonly<Record<string, number | null>>
}

/**
 * Who may call. `by-routes` = the routes check for themselves, as an HttpApi with the middleware `Authorization` does.
 * Otherwise credentials are asked for before any route, and routes have `CurrentPrincipal`.
 */
export type MountAccess = "by-routes" | EdgeAccess

export interface EdgeAccess {
  /** In the order in which they are tried. */
  readonly credentials: ReadonlyArray<Credentials>
  /** Requests that need none. */
  readonly isOpen: (request: EdgeRequest) => boolean
  /** What a request needs. */
  readonly scopeOf: (request: EdgeRequest) => Scope
}

/** Where credentials are looked for. A session by its cookie passes for pages of our own origin alone. */
export type Credentials =
  | { readonly in: "header" | "query"; readonly name: string }
  /** `Authorization: Bearer`, with a key or the token of a session. */
  | { readonly in: "bearer" }
  /** `Authorization: Basic`, with a key as the password. */
  | { readonly in: "basic" }
  | { readonly in: "session" }

export interface EdgeRequest {
  /** In capitals; `GET` for HEAD. */
  readonly method: string
  /** Under the prefix, without the query. */
  readonly path: string
}

/** The OpenAPI document of a mount, served by its edge. */
export interface MountDocument {
  /** Under the prefix, as `/openapi.json`. */
  readonly path: string
  /** The document as it is served under a path (`ExternalBase`); see `openApiText`. */
  readonly text: (base: string) => string
}

/** The path under which clients see the root of the mount: the base path of the server and the prefix. `""` = none. */
export const ExternalBase = Context.Reference<string>("tendarr/api/ExternalBase", { defaultValue: () => "" })
