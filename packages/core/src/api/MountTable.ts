/**
 * The mounts of one port. A request goes to the mount with the longest matching prefix; if there is none, the response
 * is the 404 of the native API. Mounts may be attached and detached while requests are in progress.
 */
import { Deferred, Effect, Exit, type Fiber, Schema, type Scope, Stream } from "effect"
import {
  Headers,
  HttpBody,
  type HttpPlatform,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { cookiesUnderPath } from "../access/Cookies.ts"
import type { ApiKeys } from "../access/ApiKeys.ts"
import type { DialectKeys } from "../access/DialectKeys.ts"
import type { Sessions } from "../access/Sessions.ts"
import { isBasePath } from "../problems/BasePath.ts"
import { Settings } from "../settings/Settings.ts"
import { edgeWith } from "./Edge.ts"
import { withEdge } from "./EdgePipeline.ts"
import { type Edge, ExternalBase, type Mount } from "./Mount.ts"
import { observed } from "./Observed.ts"
import { pathOf } from "./RequestPath.ts"

type Answer = HttpServerResponse.HttpServerResponse

/** The mount cannot be switched on. */
export class CannotMount extends Schema.TaggedError<CannotMount>()("CannotMount", {
  mount: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `The mount ${this.mount} cannot be switched on: ${this.detail}`
  }
}

/** Services that the edges need, in addition to those of the mounts. */
export type EdgeServices = ApiKeys | DialectKeys | Sessions | Settings | HttpPlatform.HttpPlatform

type Answering<Services> = Effect.Effect<
  Answer,
  unknown,
  Services | EdgeServices | HttpServerRequest.HttpServerRequest | Scope.Scope
>

export interface MountTable<Services> {
  /** Path before all prefixes, such as `/tendarr`; `""` = none. */
  readonly basePath: string
  /** Loads the mount and serves it until the scope closes; its requests then have a grace period to end. */
  readonly attach: (mount: Mount<Services>) => Effect.Effect<void, CannotMount, Services | EdgeServices | Scope.Scope>
  /** Handles the current request. */
  readonly handle: Answering<Services>
}

interface Attached<Services> {
  readonly name: string
  readonly prefix: string
  readonly keeps: ReadonlyArray<string>
  readonly edge: Edge
  readonly answer: Answering<Services>
}

export interface MountTableOptions {
  readonly basePath: string
  /** Milliseconds that requests of a detached mount have to end before they are cut off. */
  readonly gracePeriod: number
}

export const makeMountTable = Effect.fn("MountTable.make")(function* <Services>(options: MountTableOptions) {
  const { basePath, gracePeriod } = options
  const settings = yield* Settings
  /** Longest prefix first. */
  let attached: ReadonlyArray<Attached<Services>> = []
  const nowhere = edgeWith({ methodsOf: () => ({ methods: [], own: false }), access: "by-routes" })
  const nobody = yield* withEdge(
    nowhere,
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.fail(new HttpServerError.HttpServerError({ reason: new HttpServerError.RouteNotFound({ request }) }))
    )
  )

  // Without a span: handlers keep the context they are built in, so that it would be the parent of all their spans.
  const attach: MountTable<Services>["attach"] = Effect.fnUntraced(function* (mount) {
    const { keeps = [], load, name, prefix } = mount
    const refuse = (detail: string) => new CannotMount({ mount: name, detail })
    if (!isBasePath(prefix))
      return yield* refuse(`${JSON.stringify(prefix)} is not a valid prefix; use one such as /elsewhere`)
    const rival = attached.find((other) => other.prefix === prefix || other.keeps.some((kept) => meet(kept, prefix)))
    if (rival !== undefined && prefix !== "") return yield* refuse(`${rival.name} already serves ${prefix}`)
    if (rival !== undefined) return yield* refuse(`${rival.name} already serves the root`)
    const { edge, routes } = yield* Effect.tryPromise({
      try: load,
      catch: (cause) => refuse(cause instanceof Error ? cause.message : String(cause))
    })
    // The services that a mount needs are known as a type only within the mount.
    const routed = yield* HttpRouter.toHttpEffect(routes) as Effect.Effect<
      Answering<Services>,
      never,
      Services | Scope.Scope
    >
    const { answer, close } = makeGate(yield* withEdge(edge, routed), gracePeriod)
    const entry: Attached<Services> = { name, prefix, keeps: keeps.map((path) => `${prefix}${path}`), edge, answer }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        attached = [...attached, entry].toSorted((one, other) => other.prefix.length - one.prefix.length)
      }),
      () =>
        Effect.andThen(
          Effect.sync(() => {
            attached = attached.filter((other) => other !== entry)
          }),
          close
        )
    )
  })

  const inMount = (request: HttpServerRequest.HttpServerRequest, url: string) => {
    const { cookie } = request.headers
    return basePath === "" || cookie === undefined
      ? request.modify({ url })
      : request.modify({ url, headers: Headers.set(request.headers, "cookie", cookiesUnderPath(cookie)) })
  }

  const handle: Answering<Services> = Effect.flatMap(
    HttpServerRequest.HttpServerRequest,
    (request): Answering<Services> => {
      const inside = under(basePath, request.url)
      const found = inside === null ? undefined : attached.find(({ prefix }) => under(prefix, inside) !== null)
      if (inside === null || found === undefined) {
        return observed(settings, { mount: "none", base: "", edge: nowhere, path: pathOf(request) }, nobody)
      }
      const base = `${basePath}${found.prefix}`
      const within = inMount(request, under(found.prefix, inside) ?? inside)
      const answer =
        base === ""
          ? found.answer
          : found.answer.pipe(
              Effect.provideService(HttpServerRequest.HttpServerRequest, within),
              Effect.provideService(ExternalBase, base)
            )
      return observed(settings, { mount: found.name, base, edge: found.edge, path: pathOf(within) }, answer)
    }
  )

  return { basePath, attach, handle } satisfies MountTable<Services>
})

/** The rest of a path with its query, as a path of its own; `null` = the path is not below the prefix. */
const under = (prefix: string, url: string): string | null => {
  if (prefix === "") return url
  if (!url.startsWith(prefix)) return null
  const rest = url.slice(prefix.length)
  if (rest.startsWith("/")) return rest
  return rest === "" || rest.startsWith("?") || rest.startsWith("#") ? `/${rest}` : null
}

const meet = (kept: string, prefix: string): boolean =>
  prefix !== "" && (`${kept}/`.startsWith(`${prefix}/`) || `${prefix}/`.startsWith(`${kept}/`))

/**
 * Passes requests through until it is closed: requests in progress then have a grace period, streams end, and the rest
 * is cut off.
 */
const makeGate = <E, R>(effect: Effect.Effect<Answer, E, R>, gracePeriod: number) => {
  const running = new Set<Fiber.Fiber<unknown, unknown>>()
  const closed = Deferred.makeUnsafe<void>()
  const idle = Deferred.makeUnsafe<void>()
  let closing = false
  const left = (fiber: Fiber.Fiber<unknown, unknown>) => {
    running.delete(fiber)
    if (closing && running.size === 0) Deferred.doneUnsafe(idle, Exit.void)
  }
  const answer = Effect.withFiber<Answer, E, R>((fiber) => {
    running.add(fiber)
    return effect.pipe(
      Effect.map((response) => untilClosed(response, closed)),
      Effect.onExit(() => Effect.sync(() => left(fiber)))
    )
  })
  const close = Effect.gen(function* () {
    closing = true
    if (running.size > 0) yield* Effect.timeoutOption(Deferred.await(idle), gracePeriod)
    Deferred.doneUnsafe(closed, Exit.void)
    for (const fiber of running) fiber.interruptUnsafe()
  })
  return { answer, close }
}

/** A body of known length ends on its own; one of unknown length may continue forever. */
const untilClosed = (response: Answer, closed: Deferred.Deferred<void>): Answer =>
  response.body._tag === "Stream" && response.body.contentLength === undefined
    ? HttpServerResponse.setBody(
        response,
        HttpBody.stream(Stream.interruptWhen(response.body.stream, Deferred.await(closed)), response.body.contentType)
      )
    : response
