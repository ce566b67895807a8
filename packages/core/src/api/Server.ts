/** The routes that a server serves: the native API, its document and reference page, and clear answers to everything else. */
import { ByteSize, Effect, Layer } from "effect"
import { HttpIncomingMessage, HttpMiddleware, HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "./Api.ts"
import { AuthorizationLive } from "./AuthorizationLive.ts"
import { Handlers } from "./Handlers.ts"
import { OpenApiDocument } from "./OpenApiDocument.ts"
import { problemResponse } from "./ProblemResponse.ts"
import { referencePage } from "./Reference.ts"
import { SandboxRoutes } from "./SandboxRoutes.ts"
import { ValidationProblemsLive } from "./ValidationProblems.ts"

/** Larger bodies are refused with 413; nothing in the API needs more. */
const maxBodyBytes = 1_048_576

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide(Handlers),
  Layer.provide([AuthorizationLive, ValidationProblemsLive])
)

const json = (text: string) =>
  HttpServerResponse.text(text, { contentType: "application/json", headers: { "cache-control": "no-cache" } })

const DocumentRoutes = Layer.mergeAll(
  HttpRouter.add(
    "GET",
    "/openapi.json",
    Effect.sync(() => json(OpenApiDocument.text()))
  ),
  HttpRouter.add(
    "GET",
    "/docs",
    Effect.sync(() =>
      HttpServerResponse.text(referencePage(OpenApiDocument.value()), { contentType: "text/html; charset=utf-8" })
    )
  ),
  HttpRouter.add(
    "GET",
    "/",
    Effect.sync(() => HttpServerResponse.redirect("/docs"))
  )
)

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

/** No route: 405 with the methods there are, or 404. */
const unrouted = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const path = request.url.split("?")[0] ?? "/"
  const allowed = OpenApiDocument.methodsOf(path)
  return allowed.length === 0
    ? problemResponse(404, "not-found", "There is nothing at this address", `${request.method} ${path}`)
    : HttpServerResponse.setHeader(
        problemResponse(
          405,
          "method-not-allowed",
          "This method is not allowed here",
          `${path} takes ${allowed.join(", ")}`
        ),
        "allow",
        allowed.join(", ")
      )
})

const FallbackRoutes = HttpRouter.addAll(methods.map((method) => HttpRouter.route(method, "/*", unrouted)))

/** Refuses a body that says it is too large before it is read, and bounds one that does not say. */
const BodyBound = HttpRouter.middleware(
  (effect) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const length = Number(request.headers["content-length"] ?? 0)
      if (length > maxBodyBytes) {
        return problemResponse(413, "body-too-large", "The body is too large", "A request body may have at most 1 MiB")
      }
      return yield* Effect.provideService(effect, HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes))
    }),
  { global: true }
)

/** Headers that every answer carries. */
const SecurityHeaders = HttpRouter.middleware(
  (effect) =>
    Effect.map(effect, (response) =>
      HttpServerResponse.setHeaders(response, {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin"
      })
    ),
  { global: true }
)

const Compression = HttpRouter.middleware(
  HttpMiddleware.compression({
    compressible: (type: string) =>
      !type.startsWith("text/event-stream") && /^(text\/|application\/(json|problem\+json|javascript))/.test(type)
  }),
  { global: true }
)

/** Everything a server serves. Needs the services. */
export const Routes = Layer.mergeAll(
  ApiRoutes,
  SandboxRoutes,
  DocumentRoutes,
  FallbackRoutes,
  BodyBound,
  SecurityHeaders,
  Compression
)
