/**
 * Who is asking, and what they may do. Scopes are ordered: `operate` includes `read`, `admin` includes both. Accounts
 * have all of them; keys have the one they were made with.
 */
import { Context, Effect, Schema } from "effect"
import { Actor } from "../events/Actor.ts"
import { Problem } from "../problems/Problem.ts"

export const scopes = ["read", "operate", "admin"] as const
/** `read` looks, `operate` runs jobs and decides on removals, `admin` changes settings, integrations and access. */
export const Scope = Schema.Literals(scopes).annotate({ identifier: "Scope" })
export type Scope = typeof Scope.Type

/** Whether who has the scope `has` may do what needs `needs`. */
export const allows = (has: Scope, needs: Scope): boolean => scopes.indexOf(has) >= scopes.indexOf(needs)

/** Nobody that we know: no credentials, or none that are valid. */
export class Unauthorized extends Problem<Unauthorized>()("Unauthorized", {
  code: "unauthorized",
  status: 401,
  title: "Sign in, or send a valid API key"
}) {}

export class InsufficientScope extends Problem<InsufficientScope>()(
  "InsufficientScope",
  { code: "insufficient-scope", status: 403, title: "This needs a wider scope" },
  { needs: Scope, has: Scope }
) {}

/** What belongs to an account is for whoever has signed in to it. A key has rights of its own and is nobody's account. */
export class AccountNeeded extends Problem<AccountNeeded>()(
  "AccountNeeded",
  { code: "account-needed", status: 403, title: "This is only for signed-in accounts" },
  { detail: Schema.String }
) {}

export const Principal = Schema.Struct({
  /** `local` = the program that embeds Tendarr, and the command line on the same machine. */
  type: Schema.Literals(["account", "key", "local"]),
  /** Of the account or of the key. */
  id: Schema.String,
  name: Schema.String,
  scope: Scope,
  /** What is written into events. */
  actor: Schema.String,
  /** The session by which an account came. */
  sessionId: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Principal" })
export type Principal = typeof Principal.Type

export class CurrentPrincipal extends Context.Service<CurrentPrincipal, Principal>()(
  "tendarr/access/CurrentPrincipal"
) {}

/**
 * Who runs the program has all rights and needs no credentials. It acts as a person: what it cancels stays cancelled,
 * which what the system takes back does not.
 */
export const localPrincipal: Principal = {
  type: "local",
  id: "local",
  name: "local",
  scope: "admin",
  actor: "local",
  sessionId: null
}

/** Runs an effect as the principal: the events it writes carry their name. */
export const asPrincipal =
  (principal: Principal) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, CurrentPrincipal>> =>
    effect.pipe(Effect.provideService(CurrentPrincipal, principal), Effect.provideService(Actor, principal.actor))

/** Answers the principal when their scope is wide enough. */
export const requireScope = Effect.fn("Scope.requireScope")(function* (needs: Scope) {
  const principal = yield* CurrentPrincipal
  if (!allows(principal.scope, needs)) return yield* new InsufficientScope({ needs, has: principal.scope })
  return principal
})

/** Answers the account that has signed in; refuses keys and the command, whatever they may do otherwise. */
export const requireAccount = Effect.gen(function* () {
  const { id, sessionId, type } = yield* CurrentPrincipal
  if (type === "account") return { accountId: id, sessionId }
  return yield* new AccountNeeded({
    detail: `${type === "key" ? "An API key" : "The command on this machine"} acts for no account; sign in to this one`
  })
}).pipe(Effect.withSpan("Scope.requireAccount"))
