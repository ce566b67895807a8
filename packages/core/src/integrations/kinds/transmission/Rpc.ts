/**
 * The RPC of Transmission in its older form, which versions 2.80 to 4 understand: every call is a POST to one path, and
 * its success is in the body. A token against forged requests is in the refusal of the first call.
 */
import { Effect, Schema } from "effect"
import type { Upstream, UpstreamSession } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import type { Fields } from "../downloads/Fields.ts"
import { fieldsIn } from "../downloads/Fields.ts"
import { refusedBy } from "../downloads/Outcomes.ts"
import { refusedOtherwise } from "../downloads/SignIn.ts"

const Answer = Schema.Struct({
  result: Schema.String,
  /** 0 for an unknown method in some versions. */
  arguments: Schema.optionalKey(Schema.Unknown)
})

const sessionHeader = "x-transmission-session-id"

export const session: UpstreamSession = {
  open: () => Effect.succeed({}),
  hasEnded: ({ status }) => status === 409,
  headersIn: ({ headers }) => {
    const id = headers[sessionHeader]
    return id === undefined ? null : { [sessionHeader]: id }
  }
}

export interface Rpc {
  readonly integration: string
  readonly read: (method: string, args?: Fields) => Effect.Effect<Fields, UpstreamError>
  readonly change: (
    method: string,
    args: Fields,
    options?: { readonly destroys?: boolean }
  ) => Effect.Effect<Fields, UpstreamError>
}

export const rpcOf = (upstream: Upstream, integration: string, path: string): Rpc => {
  const call = (method: string, args: Fields, options: { readonly reads?: boolean; readonly destroys?: boolean }) =>
    upstream.send("POST", path, { json: { method, arguments: args }, timeoutMillis: 60_000, ...options }, Answer).pipe(
      refusedOtherwise(({ status }) =>
        status === 403
          ? "it refuses the address of Tendarr: that is not on its whitelist, or it was banned after too many wrong passwords until Transmission is restarted"
          : null
      ),
      Effect.flatMap((answer) =>
        answer.result === "success"
          ? Effect.succeed(fieldsIn(answer.arguments))
          : Effect.fail(refusedBy(integration, `POST ${path} ${method}`, answer.result))
      )
    )
  return {
    integration,
    read: (method, args = {}) => call(method, args, { reads: true }),
    change: (method, args, options = {}) => call(method, args, options)
  }
}
