/** An account: a person who signs in with a username and a password, and may do everything. */
import { Schema } from "effect"
import type { Principal } from "./Scope.ts"

export const Account = Schema.Struct({
  id: Schema.String,
  username: Schema.String,
  createdAt: Schema.String,
  updatedAt: Schema.String
}).annotate({ identifier: "Account" })
export type Account = typeof Account.Type

export const accountPrincipal = (accountId: string, username: string, sessionId: string | null): Principal => ({
  type: "account",
  id: accountId,
  name: username,
  scope: "admin",
  actor: accountActor(username),
  sessionId
})

/** How events name a signed-in account. */
export const accountActor = (username: string): string => `account:${username}`
