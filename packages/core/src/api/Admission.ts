/** Authentication: which credentials are accepted, and for cookies, from which origins. */
import { Context, Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { ApiKeys } from "../access/ApiKeys.ts"
import { DialectKeys } from "../access/DialectKeys.ts"
import { cookieMayPass, CrossSiteRefused, isSecureCookie } from "../access/Cookies.ts"
import {
  allows,
  asPrincipal,
  type CurrentPrincipal,
  InsufficientScope,
  localPrincipal,
  type Principal,
  type Scope,
  Unauthorized
} from "../access/Scope.ts"
import { Sessions } from "../access/Sessions.ts"
import { hashToken, sameHash } from "../access/Token.ts"
import type { DialectName } from "../settings/DialectsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { currentClient } from "./Client.ts"
import { AccessSettings } from "../access/AccessSettings.ts"
import { notePrincipal } from "./Observed/RequestRecord.ts"

/**
 * A secret that identifies the operator of the program: the command line reads it from the data directory, which only
 * the owner can read. `null` = there is none.
 */
export const LocalSecret = Context.Reference<string | null>("tendarr/api/LocalSecret", { defaultValue: () => null })

export type Admission = Effect.Success<typeof makeAdmission>

export const makeAdmission = Effect.gen(function* () {
  const keys = yield* ApiKeys
  const dialectKeys = yield* DialectKeys
  const sessions = yield* Sessions
  const settings = yield* Settings
  const localSecret = yield* LocalSecret
  const localHash = localSecret === null ? null : hashToken(localSecret)

  const byKey = Effect.fnUntraced(function* (credential: string) {
    if (credential === "") return yield* new Unauthorized({})
    if (localHash !== null && sameHash(hashToken(credential), localHash)) return localPrincipal
    return yield* keys.authenticate(credential)
  })

  /** By the own key of a dialect, or by an API key. */
  const byDialectKey = (dialect: DialectName) => (credential: string) =>
    Effect.catch(dialectKeys.authenticate(dialect, credential), () => byKey(credential))

  const bySession = (credential: string) =>
    credential === ""
      ? Effect.fail(new Unauthorized({}))
      : Effect.map(sessions.authenticate(credential), ({ principal }) => principal)

  const byToken = (token: string, key: typeof byKey = byKey) => Effect.catch(bySession(token), () => key(token))

  /** `secure` = the token came in the HTTPS-only cookie. */
  const byCookie = Effect.fnUntraced(function* (secure: boolean, token: string) {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { secureCookies } = yield* settings.get(AccessSettings)
    const client = yield* currentClient(settings)
    // If the cookie is HTTPS-only, a cookie with the other name is not ours, and vice versa.
    if (isSecureCookie(secureCookies, client.https) !== secure) return yield* new Unauthorized({})
    const principal = yield* bySession(token)
    const sent = { method: request.method, headers: request.headers, host: client.host, https: client.https }
    if (!cookieMayPass(sent)) return yield* new CrossSiteRefused()
    return principal
  })

  /** Runs an effect as the principal, whose scope must be wide enough. */
  const as = <A, E, R>(
    principal: Principal,
    needs: Scope,
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | InsufficientScope, Exclude<R, CurrentPrincipal>> =>
    Effect.flatMap(
      notePrincipal(principal),
      (): Effect.Effect<A, E | InsufficientScope, Exclude<R, CurrentPrincipal>> =>
        allows(principal.scope, needs)
          ? asPrincipal(principal)(effect)
          : Effect.fail(new InsufficientScope({ needs, has: principal.scope }))
    )

  return { byKey, byDialectKey, byToken, byCookie, as }
})
