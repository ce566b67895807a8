/**
 * A mount: one HTTP API under a prefix, with an edge of its own. The native API is a mount; the API of another product
 * over the same services is another. Unspecified parts of an edge default to those of the native API, so that a mount
 * is fully guarded unless it specifies otherwise.
 */
import { Context, type Layer } from "effect"
import type { HttpRouter, HttpServerResponse } from "effect/http"
import type { CurrentPrincipal, Scope } from "../access/Scope.ts"
import type { DialectName } from "../settings/DialectsSettings.ts"
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
  /** Used in messages and logs. */
  readonly name: string
  /** Path under which it is served, such as `/elsewhere`; `""` = the root. */
  readonly prefix: string
  /** Imports its module. Called only when the mount is switched on. */
  readonly load: () => Promise<LoadedMount<Services>>
  /** Reserved paths below its prefix, which no other mount on the same port may use. */
  readonly keeps?: ReadonlyArray<string>
}

/**
 * The export of the module of a mount.
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
  /**
   * Methods of a path under the prefix. Used for 405 and OPTIONS, and to keep literal paths from matching as
   * parameters.
   */
  readonly methodsOf: (path: string) => PathMethods
  /** Formats errors: refusals of requests that reach no route, and failures of routes that have not responded. */
  readonly refuse: (refusal: Refusal) => HttpServerResponse.HttpServerResponse
  /** Whether the routes send plain-text errors on purpose. Otherwise these are converted by `refuse`. */
  readonly textErrors: boolean
  /** What pages of allowed origins may send and read; `null` = no CORS, whatever the settings allow. */
  readonly cors: CorsPolicy | null
  readonly bodies: BodyBounds
  /** Headers of every response, overriding the defaults; `null` omits one. */
  readonly headers: Readonly<Record<string, string | null>>
  readonly access: MountAccess
  readonly openApi: MountDocument | null
}

export interface CorsPolicy {
  /** Additional request headers that a page may send. */
  readonly requestHeaders: ReadonlyArray<string>
  /** Additional response headers that a page may read. */
  readonly answerHeaders: ReadonlyArray<string>
}

/** `null` = no limit at the edge: the route streams the body to disk, and limits it itself. */
export interface BodyBounds {
  /** In bytes. */
  readonly most: number
  /** In bytes, by method and path: `POST /settings/import`. */
  readonly byPath: Readonly<Record<string, number | null>>
}

/**
 * Authentication. `by-routes` = the routes authenticate themselves, as an HttpApi with the middleware `Authorization`
 * does. Otherwise credentials are required before any route, and routes have `CurrentPrincipal`.
 */
export type MountAccess = "by-routes" | EdgeAccess

export interface EdgeAccess {
  /** In the order in which they are tried. */
  readonly credentials: ReadonlyArray<Credentials>
  /** Requests that need no credentials. */
  readonly isOpen: (request: EdgeRequest) => boolean
  /**
   * The scope that a request needs. The path is as it was sent, while the router also takes other spellings of it (case,
   * double slashes, percent-encoding): unless the path decides nothing, find the endpoint with `FindMyWay` of
   * `effect/http`.
   */
  readonly scopeOf: (request: EdgeRequest) => Scope
  /**
   * The dialect whose own key is accepted too, where API keys are. Events of its requests carry its name, whatever the
   * credentials.
   */
  readonly dialect?: DialectName
}

/** Where credentials are looked for. A session cookie is accepted only for pages of our own origin. */
export type Credentials =
  | { readonly in: "header" | "query"; readonly name: string }
  /** `Authorization: Bearer`, with an API key or a session token. */
  | { readonly in: "bearer" }
  /** `Authorization: Basic`, with an API key as the password. */
  | { readonly in: "basic" }
  | { readonly in: "session" }

export interface EdgeRequest {
  /** In upper case; `GET` for HEAD. */
  readonly method: string
  /** Below the prefix, without the query. */
  readonly path: string
}

/** The OpenAPI document of a mount, served by its edge. */
export interface MountDocument {
  /** Below the prefix, such as `/openapi.json`. */
  readonly path: string
  /** The text of the document when served under a path (`ExternalBase`); see `openApiText`. */
  readonly text: (base: string) => string
}

/** The path under which clients see the root of the mount: the base path of the server and the prefix. `""` = none. */
export const ExternalBase = Context.Reference<string>("tendarr/api/ExternalBase", { defaultValue: () => "" })
