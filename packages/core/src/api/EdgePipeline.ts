/** The pipeline between a connection and the routes of a mount, as its edge specifies. */
import { Effect } from "effect"
import { HttpMiddleware, HttpServerRequest, HttpServerResponse } from "effect/http"
import { forAPerson, StaysInMemory } from "../library/Snapshots.ts"
import { Settings } from "../settings/Settings.ts"
import { makeAdmission } from "./Admission.ts"
import { withCompleteResponses } from "./Responses.ts"
import { withCors } from "./Cors.ts"
import { withAccess } from "./EdgeAccess.ts"
import { type Edge, ExternalBase, type MountDocument } from "./Mount.ts"
import { withBoundedBody } from "./RequestBody.ts"
import { pathOf, routedMethod } from "./RequestPath.ts"

type Answer = HttpServerResponse.HttpServerResponse

/** Wraps the routes with the edge. */
export const withEdge = <E, R>(edge: Edge, routes: Effect.Effect<Answer, E, R>) =>
  Effect.gen(function* () {
    const settings = yield* Settings
    const admission = yield* makeAdmission
    const { access, bodies, openApi } = edge
    const stated = Effect.provideService(routes, StaysInMemory, forAPerson)
    const whole = openApi === null ? stated : withDocument(openApi, stated)
    const bounded = <E, R>(effect: Effect.Effect<Answer, E, R>) =>
      withCompression(withCors(settings, edge)(withCompleteResponses(settings, edge, withBoundedBody(bodies, effect))))
    return access === "by-routes" ? bounded(whole) : bounded(withAccess(admission, access, whole))
  })

const withDocument = <E, R>({ path, text }: MountDocument, routes: Effect.Effect<Answer, E, R>) => {
  const answer = Effect.map(ExternalBase, (base) =>
    HttpServerResponse.text(text(base), {
      contentType: "application/json",
      headers: { "cache-control": "no-cache" }
    })
  )
  return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    routedMethod(request) === "GET" && pathOf(request) === path ? answer : routes
  )
}

/** Event streams are not compressed: a compressor would delay small events. */
const withCompression = HttpMiddleware.compression({
  compressible: (type) =>
    !type.startsWith("text/event-stream") && /^(text\/|application\/(json|problem\+json|javascript))/.test(type)
})
