/**
 * The session of one upstream: opened when first needed, shared by all its calls, and reopened once when a refusal
 * shows that it has ended. After a refused sign-in, no other is tried for a while: applications ban addresses that
 * guess passwords.
 */
import { Effect, Semaphore } from "effect"
import { passedMillis } from "../../problems/Instants.ts"
import { Urgent, type UpstreamRefusal, type UpstreamSession } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import type { Failure } from "./Failure.ts"

/** How long a refused sign-in applies to later calls, unless a person is waiting. */
const refusedMillis = 60_000

type Headers = Readonly<Record<string, string>>

export interface SharedSession {
  /** Sends with the headers of the session, and once more with new ones if the session has ended. */
  readonly within: <A>(send: (headers: Headers) => Effect.Effect<A, Failure>) => Effect.Effect<A, Failure>
}

export const makeSharedSession = (
  session: UpstreamSession,
  options: {
    readonly signIn: Effect.Effect<Headers, UpstreamError>
    /** The headers contain secrets. */
    readonly onHeaders: (headers: Headers) => void
  }
): SharedSession => {
  const one = Semaphore.makeUnsafe(1)
  let current: Headers | null = null
  let refused: { readonly error: UpstreamError; readonly until: number } | null = null

  const take = (headers: Headers) => {
    options.onHeaders(headers)
    current = headers
    return headers
  }

  const signIn = Effect.gen(function* () {
    const now = yield* passedMillis
    if (refused !== null && now < refused.until && !(yield* Urgent)) return yield* Effect.fail(settled(refused.error))
    const opened = yield* Effect.result(options.signIn)
    if (opened._tag === "Success") {
      refused = null
      return take(opened.success)
    }
    if (opened.failure._tag === "UpstreamUnauthorized") {
      refused = { error: opened.failure, until: now + refusedMillis }
    }
    return yield* Effect.fail(settled(opened.failure))
  })

  const present = one.withPermit(Effect.suspend(() => (current === null ? signIn : Effect.succeed(current))))

  /** A concurrent caller finds the session that the first one has renewed. */
  const renew = (ended: Headers, refusal: UpstreamRefusal) =>
    one.withPermit(
      Effect.suspend(() => {
        if (current !== null && current !== ended) return Effect.succeed(current)
        const given = session.headersIn?.(refusal) ?? null
        if (given !== null) return Effect.succeed(take(given))
        current = null
        return signIn
      })
    )

  return {
    within: (send) =>
      Effect.flatMap(present, (headers) =>
        Effect.catch(send(headers), (failure) =>
          failure.refusal !== null && session.hasEnded(failure.refusal)
            ? Effect.flatMap(renew(headers, failure.refusal), send)
            : Effect.fail(failure)
        )
      )
  }
}

/** The failure of a sign-in, for the call that needed it: the sign-in was counted and retried as a call of its own. */
const settled = (error: UpstreamError): Failure => ({
  error,
  mayPass: false,
  noAnswer: null,
  retryAfterMillis: null,
  refusal: null
})

/** The values to keep out of errors: whole header values, and the values of cookies. */
export const secretsIn = (headers: Headers): ReadonlyArray<string> => Object.values(headers).flatMap(partsOf)

const partsOf = (header: string): ReadonlyArray<string> => [
  header,
  ...header.split(/[;,]\s*/).flatMap((pair) => {
    const value = pair.slice(pair.indexOf("=") + 1).trim()
    return value.length < shortestSecret ? [] : [value]
  })
]

/** Shorter texts may occur by chance. */
const shortestSecret = 6
