/**
 * The JSON-RPC of Deluge's web interface, which passes calls on to a daemon. While it is not connected to one, calls of the
 * daemon are never answered by some versions, and lists are empty in others: the connection is checked first.
 */
import { Effect, Schema } from "effect"
import type { Upstream, UpstreamSession } from "../../Upstream.ts"
import { type UpstreamError, UpstreamRefused, UpstreamUnauthorized } from "../../UpstreamErrors.ts"
import { fieldsIn, numberIn } from "../downloads/Fields.ts"
import { refusedBy } from "../downloads/Outcomes.ts"

const path = "json"

const Answer = Schema.Struct({
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({ message: Schema.optionalKey(Schema.Unknown), code: Schema.optionalKey(Schema.Unknown) })
    )
  )
})

const notSignedIn = 1

/** There is no user name: the web interface has one password. */
export const sessionOf = (integration: string, password: string): UpstreamSession => ({
  hasEnded: ({ status }) => status === 401,
  endedBy: (value) => numberIn(fieldsIn(fieldsIn(value)["error"]), "code") === notSignedIn,
  open: Effect.fnUntraced(function* (upstream) {
    const answer = yield* upstream.ask("POST", path, { json: bodyOf("auth.login", [password]) })
    const said = new TextDecoder().decode(answer.body)
    const accepted = /"result"\s*:\s*true/.test(said)
    const id = answer.cookies["_session_id"]
    if (accepted && id !== undefined) return { cookie: `_session_id=${id}` }
    if (/"result"\s*:\s*false/.test(said)) {
      return yield* new UpstreamUnauthorized({
        integration,
        call: "POST json auth.login",
        status: 401,
        detail: "the password is wrong; it is not sent again until the integration is changed"
      })
    }
    return yield* refusedBy(integration, "POST json auth.login", "it did not sign in, and gave no reason")
  })
})

const bodyOf = (method: string, params: ReadonlyArray<unknown>) => ({ method, params, id: 1 })

export interface Rpc {
  readonly integration: string
  /** Calls of the web interface itself. */
  readonly web: (method: string, params?: ReadonlyArray<unknown>) => Effect.Effect<unknown, UpstreamError>
  /** Calls of the daemon that only read. */
  readonly read: (method: string, params?: ReadonlyArray<unknown>) => Effect.Effect<unknown, UpstreamError>
  readonly change: (
    method: string,
    params: ReadonlyArray<unknown>,
    options?: { readonly destroys?: boolean }
  ) => Effect.Effect<unknown, UpstreamError>
  /** Fails unless the web interface is connected to its daemon; connects it if there is only one. */
  readonly connected: Effect.Effect<void, UpstreamError>
}

export const rpcOf = (upstream: Upstream, integration: string): Rpc => {
  const call = (
    method: string,
    params: ReadonlyArray<unknown>,
    options: { readonly reads?: boolean; readonly destroys?: boolean }
  ) =>
    upstream.send("POST", path, { json: bodyOf(method, params), ...options }, Answer).pipe(
      Effect.flatMap(({ error, result }) => {
        if (error === null || error === undefined) return Effect.succeed<unknown>(result ?? null)
        return Effect.fail(refusedBy(integration, `POST json ${method}`, reasonIn(error.message)))
      })
    )
  const web: Rpc["web"] = (method, params = []) => call(method, params, { reads: true })
  const isConnected = Effect.map(web("web.connected"), (result) => result === true)
  const unconnected = (detail: string) =>
    new UpstreamRefused({ integration, call: "POST json web.connected", status: 503, detail })
  return {
    integration,
    web,
    read: (method, params = []) => call(method, params, { reads: true }),
    change: (method, params, options = {}) => call(method, params, options),
    connected: Effect.gen(function* () {
      if (yield* isConnected) return
      const hosts = yield* web("web.get_hosts")
      const ids = Array.isArray(hosts)
        ? hosts.flatMap((host: unknown) => (Array.isArray(host) ? [String(host[0])] : []))
        : []
      const [only] = ids
      if (only === undefined || ids.length > 1) {
        return yield* unconnected(
          `its web interface is not connected to a daemon, and knows ${ids.length} of them; choose one in its connection manager`
        )
      }
      yield* web("web.connect", [only])
      if (!(yield* isConnected)) {
        return yield* unconnected("its web interface cannot connect to its daemon, which is probably not running")
      }
    })
  }
}

/** The message of the exception, without the trace around it. */
const reasonIn = (message: unknown): string => {
  const text = typeof message === "string" ? message : "no reason given"
  return (/<class '[^']*'>:\s*([\s\S]*?)\s*\]?\s*$/.exec(text)?.[1] ?? text).trim()
}
