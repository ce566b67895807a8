import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Accounts } from "../../../access/Accounts.ts"
import { checkCrossSite } from "../../../access/Cookies.ts"
import { currentClient } from "../../../api/Client.ts"
import { nowIso } from "../../../problems/Instants.ts"
import { Settings } from "../../../settings/Settings.ts"
import { refusing } from "../../frame/Values.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"
import { NotHere } from "../Problems.ts"

const elsewhere = () =>
  refusing(
    Effect.fail(
      new NotHere({
        detail:
          "Tendarr is set up by itself: create the first account with POST /api/v1/setup, or show the key of this API with `tendarr dialects key cleanuparr`"
      })
    )
  )

export const AuthHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "auth",
  Effect.fn(function* (handlers) {
    const accounts = yield* Accounts
    const settings = yield* Settings
    return handlers.handleAll({
      login: ({ payload }) =>
        refusing(
          Effect.gen(function* () {
            const { headers } = yield* HttpServerRequest.HttpServerRequest
            const client = yield* currentClient(settings)
            // A page of another site must not try passwords through somebody's browser.
            if (headers["origin"] !== undefined || headers["sec-fetch-site"] !== undefined) {
              yield* checkCrossSite({ method: "POST", headers, host: client.host, https: client.https })
            }
            const { session, token } = yield* accounts.login(payload.username, payload.password, {
              address: client.address,
              userAgent: headers["user-agent"] ?? null,
              deviceToken: null
            })
            const expiresIn = Math.floor((Date.parse(session.expiresAt) - Date.parse(yield* nowIso)) / 1000)
            const tokens = { accessToken: token, refreshToken: token, expiresIn }
            return { requiresTwoFactor: false as const, tokens, ...tokens }
          })
        ),
      status: elsewhere,
      setUp: elsewhere,
      setUpPart: elsewhere
    })
  })
)
