/**
 * The session cookie, and which requests it may authenticate: a browser sends it along with what another site made it
 * send, so an unsafe method must come from our own pages.
 */
import { Effect } from "effect"
import type { Cookies } from "effect/http"
import { Problem } from "../problems/Problem.ts"
import type { AccessSettings } from "./AccessSettings.ts"
import type { RequestHeaders } from "./ClientAddress.ts"

type SecureCookies = AccessSettings["secureCookies"]

/** Whether the cookie of a client that came by https, or not, is for https alone. */
export const isSecureCookie = (secureCookies: SecureCookies, https: boolean): boolean =>
  secureCookies === "always" || (secureCookies === "auto" && https)

export const sessionCookieName = "tendarr_session"

/** A browser takes this name over https and from this very host only: a neighbour cannot put a session of its own here. */
export const secureSessionCookieName = "__Host-tendarr_session"

/**
 * The same under a base path, where the other name cannot be: it belongs to the root of a host. A cookie with a path stays away
 * from the neighbours behind one proxy, and two Tendarrs there do not sign each other's people out.
 */
const pathSessionCookieName = "__Secure-tendarr_session"

export const secureSessionCookieAt = (basePath: string): string =>
  basePath === "" ? secureSessionCookieName : pathSessionCookieName

/** The `Cookie` header as it would be without a base path. One for the root of the host is of somebody else. */
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

/** By which a browser is known again when it signs in. It lets nobody in. */
export const deviceCookieName = "tendarr_device"

export class CrossSiteRefused extends Problem<CrossSiteRefused>()("CrossSiteRefused", {
  code: "cross-site-refused",
  status: 403,
  title: "A session cookie is not accepted on requests from other sites"
}) {}

/** Attributes of our cookies. `maxAgeSeconds` 0 deletes one. */
export const cookieOptions = (options: {
  readonly secureCookies: SecureCookies
  /** Whether the client came by https. */
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
  /** Host and scheme as the client has them (see `clientOf`). */
  readonly host: string | null
  readonly https: boolean
}

/**
 * Whether a request that is authenticated by cookie may pass. `Sec-Fetch-Site` decides where a browser sends it (over
 * https and to localhost); elsewhere the `Origin` must be the one that was asked.
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

/** Scheme, host and port in canonical form; `undefined` for what has no origin, such as `null`. */
const originOf = (text: string): string | undefined => {
  const url = URL.parse(text)
  return url === null || url.origin === "null" ? undefined : url.origin
}
