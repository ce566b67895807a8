/** The accepted kinds of credentials, in the order in which they are tried. */
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { CrossSiteRefused, secureSessionCookieName, sessionCookieName } from "../access/Cookies.ts"
import { type CurrentPrincipal, InsufficientScope, Unauthorized } from "../access/Scope.ts"

export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentPrincipal }>()(
  "tendarr/api/Authorization",
  {
    security: {
      apiKeyHeader: HttpApiSecurity.apiKey({ key: "x-api-key", in: "header" }),
      bearer: HttpApiSecurity.bearer,
      secureSession: HttpApiSecurity.apiKey({ key: secureSessionCookieName, in: "cookie" }),
      session: HttpApiSecurity.apiKey({ key: sessionCookieName, in: "cookie" }),
      apiKeyQuery: HttpApiSecurity.apiKey({ key: "apikey", in: "query" })
    },
    error: [Unauthorized, InsufficientScope, CrossSiteRefused]
  }
) {}
