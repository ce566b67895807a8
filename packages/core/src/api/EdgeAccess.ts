/** Authentication at the edge of a mount, before any route. */
import { Effect, Result } from "effect"
import { HttpServerError, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { secureSessionCookieName, sessionCookieName } from "../access/Cookies.ts"
import { throughDialect, Unauthorized } from "../access/Scope.ts"
import type { Admission } from "./Admission.ts"
import type { Credentials, EdgeAccess } from "./Mount.ts"
import { edgeRequestOf } from "./RequestPath.ts"

type Answer = HttpServerResponse.HttpServerResponse
type Request = HttpServerRequest.HttpServerRequest

/** Runs the routes as the principal of the request's credentials. Refusals are failures: the mount formats them. */
export const withAccess = <E, R>(
  admission: Admission,
  { credentials, dialect, isOpen, scopeOf }: EdgeAccess,
  effect: Effect.Effect<Answer, E, R>
) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const asked = edgeRequestOf(request)
    if (isOpen(asked)) return yield* effect
    // The edge answers it for anybody, so that a route for all methods does not run without credentials.
    if (request.method === "OPTIONS") {
      return yield* new HttpServerError.HttpServerError({ reason: new HttpServerError.RouteNotFound({ request }) })
    }
    const byKey = dialect === undefined ? admission.byKey : admission.byDialectKey(dialect)
    for (const place of credentials) {
      const found = yield* Effect.result(principalBy({ ...admission, byKey }, place, request))
      if (Result.isSuccess(found)) {
        const principal = dialect === undefined ? found.success : throughDialect(dialect, found.success)
        return yield* admission.as(principal, scopeOf(asked), effect)
      }
      if (found.failure._tag !== "Unauthorized") return yield* found.failure
    }
    return yield* new Unauthorized()
  })

const principalBy = (admission: Admission, place: Credentials, request: Request) => {
  switch (place.in) {
    case "header":
      return admission.byKey(request.headers[place.name.toLowerCase()] ?? "")
    case "query":
      return admission.byKey(new URLSearchParams(request.url.split("?")[1] ?? "").get(place.name) ?? "")
    case "bearer":
      return admission.byToken(after("bearer", request), admission.byKey)
    case "basic": {
      const [, password = ""] = /^[^:]*:(.*)$/s.exec(Buffer.from(after("basic", request), "base64").toString()) ?? []
      return admission.byKey(password)
    }
    case "session": {
      const secure = request.cookies[secureSessionCookieName]
      return Effect.catchTag(admission.byCookie(true, secure ?? ""), "Unauthorized", () =>
        admission.byCookie(false, request.cookies[sessionCookieName] ?? "")
      )
    }
  }
}

/** The part of `Authorization` after the name of the scheme. */
const after = (scheme: string, { headers: { authorization = "" } }: Request): string => {
  const [name = "", ...rest] = authorization.trim().split(/\s+/)
  return name.toLowerCase() === scheme ? rest.join("") : ""
}
