/**
 * The caller and what it may do. Scopes are ordered: `operate` includes `read`, `admin` includes both. Accounts have
 * all scopes; keys have the one they were created with.
 */
import { Context, Effect, Schema } from "effect"
import { Actor } from "../events/Actor.ts"
import { Problem } from "../problems/Problem.ts"

export const scopes = ["read", "operate", "admin"] as const
/**
 * `read` allows reading, `operate` running jobs and deciding on removals, `admin` changing settings, integrations and
 * access.
 */
export const Scope = Schema.Literals(scopes).annotate({ identifier: "Scope" })
export type Scope = typeof Scope.Type

/** Whether scope `has` includes scope `needs`. */
export const allows = (has: Scope, needs: Scope): boolean => scopes.indexOf(has) >= scopes.indexOf(needs)

/** The caller is unknown: it sent no credentials, or none that are valid. */
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

/**
 * Operations on an account are only for the person who is signed in to it. A key has its own rights and belongs to no
 * account.
 */
export class AccountNeeded extends Problem<AccountNeeded>()(
  "AccountNeeded",
  { code: "account-needed", status: 403, title: "This is only for signed-in accounts" },
  { detail: Schema.String }
) {}

export const Principal = Schema.Struct({
  /**
   * `dialect` = a client with the own key of a dialect. `local` = the program that embeds Tendarr, and the command line on
   * the same machine.
   */
  type: Schema.Literals(["account", "key", "dialect", "local"]),
  /** Id of the account or of the key; of a dialect, its name and the version of its key. */
  id: Schema.String,
  name: Schema.String,
  scope: Scope,
  /** The actor that is written into events. */
  actor: Schema.String,
  /** The session of a signed-in account. */
  sessionId: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Principal" })
export type Principal = typeof Principal.Type

export class CurrentPrincipal extends Context.Service<CurrentPrincipal, Principal>()(
  "tendarr/access/CurrentPrincipal"
) {}

/**
 * The program itself has all rights and needs no credentials. It acts as a person: a removal that it cancels stays
 * cancelled, unlike one that the system withdraws.
 */
export const localPrincipal: Principal = {
  type: "local",
  id: "local",
  name: "local",
  scope: "admin",
  actor: "local",
  sessionId: null
}

/** Runs an effect as the principal: its events carry the principal's name. */
export const asPrincipal =
  (principal: Principal) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, CurrentPrincipal>> =>
    effect.pipe(Effect.provideService(CurrentPrincipal, principal), Effect.provideService(Actor, principal.actor))

/** In the id of the principal of a dialect, in place of a version: its key is set by the environment. */
export const presetVersion = "environment"

/** The principal as a client of a dialect: what it changes is recorded under the name of the dialect. */
export const throughDialect = (dialect: string, principal: Principal): Principal =>
  principal.type === "dialect" ? principal : { ...principal, actor: `dialect:${dialect}/${principal.actor}` }

/** Returns the principal if their scope is wide enough. */
export const requireScope = Effect.fn("Scope.requireScope")(function* (needs: Scope) {
  const principal = yield* CurrentPrincipal
  if (!allows(principal.scope, needs)) return yield* new InsufficientScope({ needs, has: principal.scope })
  return principal
})

/** Returns the signed-in account; refuses keys and the command line, whatever their scope. */
export const requireAccount = Effect.gen(function* () {
  const { id, sessionId, type } = yield* CurrentPrincipal
  if (type === "account") return { accountId: id, sessionId }
  return yield* new AccountNeeded({
    detail: `${type === "local" ? "The command on this machine" : "An API key"} acts for no account; sign in to this one`
  })
}).pipe(Effect.withSpan("Scope.requireAccount"))
