/** The routes that a server serves: the native API, its document and reference page, and clear answers to everything else. */
import { Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Settings } from "../settings/Settings.ts"
import { withWholeAnswers } from "./Answers.ts"
import { Api } from "./Api.ts"
import { AuthorizationLive } from "./AuthorizationLive.ts"
import { withCors } from "./Cors.ts"
import { Handlers } from "./Handlers.ts"
import { OpenApiDocument } from "./OpenApiDocument.ts"
import { referencePage } from "./Reference.ts"
import { referencePolicy } from "./Reference/Look.ts"
import { withBoundedBody } from "./RequestBody.ts"
import { SandboxRoutes } from "./SandboxRoutes.ts"
import { ValidationProblemsLive } from "./ValidationProblems.ts"

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide(Handlers),
  Layer.provide([AuthorizationLive, ValidationProblemsLive])
)

/** Rendered when first looked at. */
let page: string | undefined

const DocumentRoutes = Layer.mergeAll(
  HttpRouter.add(
    "GET",
    "/openapi.json",
    Effect.sync(() =>
      HttpServerResponse.text(OpenApiDocument.text(), {
        contentType: "application/json",
        headers: { "cache-control": "no-cache" }
      })
    )
  ),
  HttpRouter.add(
    "GET",
    "/docs",
    Effect.sync(() =>
      HttpServerResponse.text((page ??= referencePage(OpenApiDocument.value())), {
        contentType: "text/html; charset=utf-8",
        headers: { "cache-control": "no-cache", "content-security-policy": referencePolicy }
      })
    )
  ),
  HttpRouter.add(
    "GET",
    "/",
    Effect.sync(() => HttpServerResponse.redirect("/docs"))
  )
)

/** Event streams are left as they are: a compressor would hold small events back. */
const withCompression = HttpMiddleware.compression({
  compressible: (type) =>
    !type.startsWith("text/event-stream") && /^(text\/|application\/(json|problem\+json|javascript))/.test(type)
})

const Edge = HttpRouter.middleware(
  Effect.gen(function* () {
    const settings = yield* Settings
    const cors = withCors(settings)
    return (effect) => withCompression(cors(withWholeAnswers(settings, withBoundedBody(effect))))
  }),
  { global: true }
)

/** Everything a server serves. Needs the services. */
export const Routes = Layer.mergeAll(ApiRoutes, DocumentRoutes, SandboxRoutes, Edge)
