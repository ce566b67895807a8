import { Effect } from "effect"
import { type Cookies, HttpEffect, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Accounts } from "../../access/Accounts.ts"
import { ApiKeys } from "../../access/ApiKeys.ts"
import {
  checkCrossSite,
  cookieOptions,
  deviceCookieName,
  secureSessionCookieAt,
  sessionCookieName
} from "../../access/Cookies.ts"
import { deviceDays } from "../../access/KnownDevices.ts"
import { CurrentPrincipal, requireAccount } from "../../access/Scope.ts"
import { Sessions } from "../../access/Sessions.ts"
import { Setup } from "../../access/Setup.ts"
import { Settings } from "../../settings/Settings.ts"
import { Api } from "../Api.ts"
import { currentClient } from "../Client.ts"
import { toList } from "../Common.ts"
import { ExternalBase } from "../Mount.ts"
import { AccessSettings } from "../../access/AccessSettings.ts"

export const SetupHandlers = HttpApiBuilder.group(
  Api,
  "setup",
  Effect.fn(function* (handlers) {
    const setup = yield* Setup
    const accounts = yield* Accounts
    const settings = yield* Settings
    const setCookie = cookieSetter(settings)
    return handlers.handleAll({
      state: () => setup.state,
      redeem: ({ payload }) =>
        Effect.flatMap(currentClient(settings), (client) =>
          setup.redeem(payload.setupKey, payload.username, payload.password, client.address)
        ),
      login: Effect.fnUntraced(function* ({ payload }) {
        const request = yield* HttpServerRequest.HttpServerRequest
        const client = yield* currentClient(settings)
        // Another site must not sign a browser in to a foreign account.
        if (request.headers["origin"] !== undefined || request.headers["sec-fetch-site"] !== undefined) {
          yield* checkCrossSite({ method: "POST", headers: request.headers, host: client.host, https: client.https })
        }
        const { deviceToken, ...signedIn } = yield* accounts.login(payload.username, payload.password, {
          address: client.address,
          userAgent: request.headers["user-agent"] ?? null,
          deviceToken: request.cookies[deviceCookieName] ?? null
        })
        yield* setCookie.session(signedIn.token)
        if (deviceToken !== null) yield* setCookie.device(deviceToken)
        return signedIn
      })
    })
  })
)

export const AccessHandlers = HttpApiBuilder.group(
  Api,
  "access",
  Effect.fn(function* (handlers) {
    const accounts = yield* Accounts
    const sessions = yield* Sessions
    const keys = yield* ApiKeys
    const settings = yield* Settings
    const setCookie = cookieSetter(settings)
    return handlers.handleAll({
      principal: () => CurrentPrincipal,
      sessions: () => Effect.flatMap(requireAccount, ({ accountId }) => Effect.map(sessions.list(accountId), toList)),
      revokeSession: Effect.fnUntraced(function* ({ params }) {
        const { accountId, sessionId } = yield* requireAccount
        const current = params.id === "current" || params.id === sessionId
        yield* sessions.revoke(accountId, current ? (sessionId ?? params.id) : params.id)
        if (current) yield* setCookie.session(null)
      }),
      updateAccount: ({ payload }) =>
        Effect.flatMap(requireAccount, ({ accountId }) => accounts.changeUsername(accountId, payload.username)),
      changePassword: ({ payload }) =>
        Effect.flatMap(requireAccount, ({ accountId, sessionId }) =>
          accounts.changePassword(accountId, payload, sessionId)
        ),
      apiKeys: () => Effect.map(keys.list, toList),
      createApiKey: ({ payload }) => keys.create(payload),
      renameApiKey: ({ params, payload }) => keys.rename(params.id, payload.name),
      revokeApiKey: ({ params }) => keys.revoke(params.id)
    })
  })
)

/** Sets a cookie on the current response. */
const cookieSetter = (settings: Settings["Service"]) => {
  const set = (name: string, value: string, options: Cookies.Cookie["options"]) =>
    HttpEffect.appendPreResponseHandler((_request, response) =>
      Effect.orDie(HttpServerResponse.setCookie(response, name, value, options))
    )
  /** The native API is mounted at the root of the server; the prefix that clients see before it is the base path. */
  const optionsFor = Effect.fnUntraced(function* (maxAgeSeconds: number) {
    const { secureCookies } = yield* settings.get(AccessSettings)
    const { https } = yield* currentClient(settings)
    return cookieOptions({ secureCookies, https, maxAgeSeconds, basePath: yield* ExternalBase })
  })
  return {
    /** `null` deletes the cookie. */
    session: Effect.fnUntraced(function* (token: string | null) {
      const { sessionHours } = yield* settings.get(AccessSettings)
      const options = yield* optionsFor(token === null ? 0 : sessionHours * 3600)
      const name = options.secure === true ? secureSessionCookieAt(yield* ExternalBase) : sessionCookieName
      yield* set(name, token ?? "", options)
    }),
    device: Effect.fnUntraced(function* (token: string) {
      yield* set(deviceCookieName, token, yield* optionsFor(deviceDays * 86_400))
    })
  }
}
