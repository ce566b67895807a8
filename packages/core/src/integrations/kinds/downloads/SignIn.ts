/** Shared by download clients that ask for a user name and a password. */
import { Effect, Schema } from "effect"
import { configField, defaultsTo } from "../../ConfigForm.ts"
import { type UpstreamError, UpstreamRefused } from "../../UpstreamErrors.ts"

const nonEmpty = Schema.String.check(Schema.isNonEmpty())

/** A user name is no secret: it is shown, so that a wrong one can be seen. */
export const usernameField = (description: string) =>
  Schema.optionalKey(configField(nonEmpty, { title: "User name", description, secret: false }))

export const usernameWithDefault = (description: string, initial: string) =>
  defaultsTo(configField(nonEmpty, { title: "User name", description, secret: false }), initial)

export const passwordField = (description: string) =>
  Schema.optionalKey(configField(nonEmpty, { title: "Password", description }))

/** A path below the address. */
export const pathField = (title: string, description: string, initial: string) =>
  defaultsTo(configField(nonEmpty, { title, description, secret: false, choosesPart: true }), initial)

/** The header of basic authentication; none without a password. */
export const basicAuth = (
  username: string | undefined,
  password: string | undefined
): { readonly headers?: Readonly<Record<string, string>>; readonly secrets?: ReadonlyArray<string> } => {
  if (password === undefined && username === undefined) return {}
  const bytes = new TextEncoder().encode(`${username ?? ""}:${password ?? ""}`)
  return {
    headers: { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` },
    secrets: password === undefined ? [] : [password]
  }
}

/** A refused user name or password, which is not sent again: applications ban addresses that guess. */
export const isRefusedPassword = (error: UpstreamError): boolean =>
  error._tag === "UpstreamUnauthorized" && error.status === 401

/**
 * A refusal that is not about the password, such as of an address or of a host name, in words of its own: `why` explains
 * it, and returns `null` for those that are about the password.
 */
export const refusedOtherwise =
  (why: (refusal: { readonly status: number; readonly detail: string }) => string | null) =>
  <A>(effect: Effect.Effect<A, UpstreamError>): Effect.Effect<A, UpstreamError> =>
    Effect.catchTag(effect, "UpstreamUnauthorized", (error): Effect.Effect<never, UpstreamError> => {
      const words = why(error)
      const { call, integration, status } = error
      return Effect.fail(
        words === null
          ? error
          : new UpstreamRefused({ integration, call, status, detail: `${words} (${error.detail})` })
      )
    })
