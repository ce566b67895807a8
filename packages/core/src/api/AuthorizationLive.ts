/** Checks credentials, the scope that an endpoint needs, and for cookies where the request came from. */
import { Context, Effect, Layer, Redacted } from "effect"
import { HttpServerRequest, HttpServerRespondable, type HttpServerResponse } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import { ApiKeys } from "../access/ApiKeys.ts"
import { cookieMayPass, CrossSiteRefused, isSecureCookie } from "../access/Cookies.ts"
import {
  allows,
  asPrincipal,
  InsufficientScope,
  localPrincipal,
  type Principal,
  Unauthorized
} from "../access/Scope.ts"
import { Sessions } from "../access/Sessions.ts"
import { hashToken, sameHash } from "../access/Token.ts"
import { Settings } from "../settings/Settings.ts"
import { Authorization } from "./Authorization.ts"
import { currentClient } from "./Client.ts"
import { scopeOf } from "./Common.ts"

/**
 * A secret that stands for the one who runs the program: the command line reads it from the data directory, where only
 * the owner can. `null` = there is none.
 */
export const LocalSecret = Context.Reference<string | null>("tendarr/api/LocalSecret", { defaultValue: () => null })

/**
 * Refuses who is known. A failure would only have the next kind of credentials tried, and the answer would be that of the
 * last one: that there are none.
 */
const refuse = HttpServerRespondable.toResponse

export const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.gen(function* () {
    const keys = yield* ApiKeys
    const sessions = yield* Sessions
    const settings = yield* Settings
    const localSecret = yield* LocalSecret
    const localHash = localSecret === null ? null : hashToken(localSecret)

    const byKey = Effect.fnUntraced(function* (credential: string) {
      if (credential === "") return yield* new Unauthorized({})
      if (localHash !== null && sameHash(hashToken(credential), localHash)) return localPrincipal
      return yield* keys.authenticate(credential)
    })

    const bySession = (credential: string) =>
      credential === ""
        ? Effect.fail(new Unauthorized({}))
        : Effect.map(sessions.authenticate(credential), ({ principal }) => principal)

    const admit = <E, R>(
      principal: Effect.Effect<Principal, Unauthorized>,
      httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
      endpoint: HttpApiEndpoint.Top
    ) =>
      Effect.gen(function* () {
        const found = yield* principal
        const needs = scopeOf(endpoint)
        if (!allows(found.scope, needs)) return yield* refuse(new InsufficientScope({ needs, has: found.scope }))
        return yield* asPrincipal(found)(httpEffect)
      })

    const admitCookie = Effect.fnUntraced(function* <E, R>(
      secure: boolean,
      token: string,
      httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
      endpoint: HttpApiEndpoint.Top
    ) {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { secureCookies } = yield* settings.get("access")
      const client = yield* currentClient(settings)
      // Where the cookie is for https alone, one of the other name is not ours.
      if (isSecureCookie(secureCookies, client.https) !== secure) return yield* new Unauthorized({})
      const principal = yield* bySession(token)
      const sent = { method: request.method, headers: request.headers, host: client.host, https: client.https }
      if (!cookieMayPass(sent)) return yield* refuse(new CrossSiteRefused())
      return yield* admit(Effect.succeed(principal), httpEffect, endpoint)
    })

    return Authorization.of({
      apiKeyHeader: (httpEffect, { credential, endpoint }) =>
        admit(byKey(Redacted.value(credential)), httpEffect, endpoint),
      apiKeyQuery: (httpEffect, { credential, endpoint }) =>
        admit(byKey(Redacted.value(credential)), httpEffect, endpoint),
      bearer: (httpEffect, { credential, endpoint }) => {
        const token = Redacted.value(credential)
        return admit(
          Effect.catch(bySession(token), () => byKey(token)),
          httpEffect,
          endpoint
        )
      },
      secureSession: (httpEffect, { credential, endpoint }) =>
        admitCookie(true, Redacted.value(credential), httpEffect, endpoint),
      session: (httpEffect, { credential, endpoint }) =>
        admitCookie(false, Redacted.value(credential), httpEffect, endpoint)
    })
  })
)
