/**
 * Signing in to qBittorrent. It bans an address after five wrong passwords, which behind a proxy is everybody's: a
 * refused password is not sent again. A response with status 401 may also be about the name in the address.
 */
import { Effect } from "effect"
import type { Upstream, UpstreamSession } from "../../Upstream.ts"
import { type UpstreamError, UpstreamRefused, UpstreamUnauthorized } from "../../UpstreamErrors.ts"

export interface Credentials {
  readonly username: string
  readonly password?: string
  readonly apiKey?: string
}

const call = "POST api/v2/auth/login"

/** `null` if no session is needed: with a key, or if the client accepts this address without a password. */
export const sessionOf = (integration: string, { apiKey, password, username }: Credentials): UpstreamSession | null =>
  apiKey !== undefined || password === undefined
    ? null
    : {
        hasEnded: ({ status }) => status === 403,
        open: (upstream) => signIn(upstream, integration, username, password)
      }

const signIn = Effect.fn("QBittorrent.signIn")(function* (
  upstream: Upstream,
  integration: string,
  username: string,
  password: string
): Effect.fn.Return<Readonly<Record<string, string>>, UpstreamError> {
  const answer = yield* upstream
    .ask("POST", "api/v2/auth/login", { form: { username, password } })
    .pipe(Effect.catchTag("UpstreamUnauthorized", (error) => Effect.flatMap(whyRefused(upstream, error), Effect.fail)))
  const said = new TextDecoder().decode(answer.body).trim()
  if (/^fails/i.test(said)) return yield* wrongPassword(integration)
  const cookies = Object.entries(answer.cookies).map(([name, value]) => `${name}=${value}`)
  return cookies.length === 0 ? {} : { cookie: cookies.join("; ") }
})

/** A call without a session is refused with 403 if the name in the address is accepted, and with 401 if it is not. */
const whyRefused = (upstream: Upstream, error: UpstreamUnauthorized): Effect.Effect<UpstreamError> => {
  const { integration, status } = error
  if (status === 403) {
    return Effect.succeed(
      new UpstreamRefused({
        integration,
        call,
        status,
        detail: `it has banned the address of Tendarr, or of the proxy in between, after too many wrong passwords; the ban ends by itself, or when qBittorrent is restarted (${error.detail})`
      })
    )
  }
  return upstream.ask("GET", "api/v2/app/version").pipe(
    Effect.as<UpstreamError>(wrongPassword(integration)),
    Effect.catch((second) =>
      Effect.succeed<UpstreamError>(
        second._tag === "UpstreamUnauthorized" && second.status === 401
          ? new UpstreamRefused({
              integration,
              call,
              status: 401,
              detail:
                "it does not accept the name in the address (Host header); use its IP address, or enter the name under Options, Web UI, Server domains"
            })
          : second._tag === "UpstreamUnauthorized"
            ? wrongPassword(integration)
            : second
      )
    )
  )
}

const wrongPassword = (integration: string) =>
  new UpstreamUnauthorized({
    integration,
    call,
    status: 401,
    detail: "the user name or the password is wrong; it is not sent again until the integration is changed"
  })
