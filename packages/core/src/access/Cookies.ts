/**
 * The session cookie, and the requests that it may authenticate: browsers also send it with requests that another site
 * triggers, so an unsafe method must come from our own pages.
 */
import { Effect } from "effect"
import type { Cookies } from "effect/http"
import { Problem } from "../problems/Problem.ts"
import type { AccessSettings } from "./AccessSettings.ts"
import type { RequestHeaders } from "./ClientAddress.ts"

type SecureCookies = AccessSettings["secureCookies"]

/** Whether the cookie is marked `Secure`, given whether the client connected over HTTPS. */
export const isSecureCookie = (secureCookies: SecureCookies, https: boolean): boolean =>
  secureCookies === "always" || (secureCookies === "auto" && https)

export const sessionCookieName = "tendarr_session"

/**
 * Browsers accept this name only over HTTPS and only from this exact host, so that a neighbouring host cannot set a
 * session of its own.
 */
export const secureSessionCookieName = "__Host-tendarr_session"

/**
 * The name under a base path, where the `__Host-` prefix is not possible because it requires the path `/`. A cookie
 * with a path is not sent to other applications behind the same proxy, and two Tendarr servers there do not overwrite
 * each other's session.
 */
const pathSessionCookieName = "__Secure-tendarr_session"

export const secureSessionCookieAt = (basePath: string): string =>
  basePath === "" ? secureSessionCookieName : pathSessionCookieName

/**
 * Removes cookies from the `Cookie` header that are set for the root of the host; under a base path those belong to
 * another application.
 */
export const cookiesUnderPath = (header: string): string =>
  header
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => !cookie.startsWith(`${secureSessionCookieName}=`))
    .map((cookie) =>
      cookie.startsWith(`${pathSessionCookieName}=`)
        ? `${secureSessionCookieName}${cookie.slice(pathSessionCookieName.length)}`
        : cookie
    )
    .join("; ")

/** Recognises a browser at its next sign-in. It does not authenticate anything. */
export const deviceCookieName = "tendarr_device"

export class CrossSiteRefused extends Problem<CrossSiteRefused>()("CrossSiteRefused", {
  code: "cross-site-refused",
  status: 403,
  title: "A session cookie is not accepted on requests from other sites"
}) {}

/** Attributes of our cookies. `maxAgeSeconds` 0 deletes one. */
export const cookieOptions = (options: {
  readonly secureCookies: SecureCookies
  /** Whether the client connected over HTTPS. */
  readonly https: boolean
  readonly maxAgeSeconds: number
  /** Path under which Tendarr is served; absent = the root. */
  readonly basePath?: string
}): NonNullable<Cookies.Cookie["options"]> => ({
  httpOnly: true,
  sameSite: "lax",
  path: options.basePath === undefined || options.basePath === "" ? "/" : options.basePath,
  secure: isSecureCookie(options.secureCookies, options.https),
  maxAge: `${Math.max(0, Math.floor(options.maxAgeSeconds))} seconds`
})

export interface CookieRequest {
  readonly method: string
  readonly headers: RequestHeaders
  /** Host and scheme as the client sees them (see `clientOf`). */
  readonly host: string | null
  readonly https: boolean
}

/**
 * Whether a request that is authenticated by cookie is allowed. `Sec-Fetch-Site` decides if the browser sends it (over
 * HTTPS and to localhost); otherwise `Origin` must match the requested host.
 */
export const cookieMayPass = ({ headers, host, https, method }: CookieRequest): boolean => {
  if (safeMethods.has(method.toUpperCase())) return true
  const site = headers["sec-fetch-site"]
  if (site !== undefined) return site === "same-origin" || site === "none"
  const origin = headers["origin"]
  if (origin === undefined || host === null) return false
  const sent = originOf(origin)
  return sent !== undefined && sent === originOf(`${https ? "https" : "http"}://${host}`)
}

export const checkCrossSite = (request: CookieRequest): Effect.Effect<void, CrossSiteRefused> =>
  cookieMayPass(request) ? Effect.void : Effect.fail(new CrossSiteRefused())

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"])

/** Scheme, host and port in canonical form; `undefined` for values without an origin, such as `null`. */
const originOf = (text: string): string | undefined => {
  const url = URL.parse(text)
  return url === null || url.origin === "null" ? undefined : url.origin
}
