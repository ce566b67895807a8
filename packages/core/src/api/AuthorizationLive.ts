/** Checks the credentials, and the scope that an endpoint of the native API needs. */
import { Effect, Layer, Redacted } from "effect"
import { HttpServerRespondable, type HttpServerResponse } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import type { CrossSiteRefused } from "../access/Cookies.ts"
import { allows, asPrincipal, InsufficientScope, type Principal, type Unauthorized } from "../access/Scope.ts"
import { makeAdmission } from "./Admission.ts"
import { Authorization } from "./Authorization.ts"
import { scopeOf } from "./Common.ts"
import { notePrincipal } from "./Observed/RequestRecord.ts"

/**
 * Responds directly instead of failing: a failure would make HttpApi try the next security scheme, and respond that
 * there are no credentials.
 */
const refuse = HttpServerRespondable.toResponse

export const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const { byCookie, byKey, byToken } = yield* makeAdmission

    const admit = <E, R, RP>(
      principal: Effect.Effect<Principal, Unauthorized | CrossSiteRefused, RP>,
      httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
      endpoint: HttpApiEndpoint.Top
    ) =>
      Effect.matchEffect(principal, {
        onFailure: (error) => (error._tag === "CrossSiteRefused" ? refuse(error) : Effect.fail(error)),
        onSuccess: (found) => {
          const needs = scopeOf(endpoint)
          return Effect.andThen(
            notePrincipal(found),
            allows(found.scope, needs)
              ? asPrincipal(found)(httpEffect)
              : refuse(new InsufficientScope({ needs, has: found.scope }))
          )
        }
      })

    return Authorization.of({
      apiKeyHeader: (httpEffect, { credential, endpoint }) =>
        admit(byKey(Redacted.value(credential)), httpEffect, endpoint),
      apiKeyQuery: (httpEffect, { credential, endpoint }) =>
        admit(byKey(Redacted.value(credential)), httpEffect, endpoint),
      bearer: (httpEffect, { credential, endpoint }) =>
        admit(byToken(Redacted.value(credential)), httpEffect, endpoint),
      secureSession: (httpEffect, { credential, endpoint }) =>
        admit(byCookie(true, Redacted.value(credential)), httpEffect, endpoint),
      session: (httpEffect, { credential, endpoint }) =>
        admit(byCookie(false, Redacted.value(credential)), httpEffect, endpoint)
    })
  })
)
