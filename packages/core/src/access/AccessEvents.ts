/** Events of accounts, sessions, API keys and the first set-up. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"
import { Scope } from "./Scope.ts"

const category = "access"

const Address = Schema.NullOr(Schema.String).annotate({
  description: "Where the request came from; `null` = not known."
})
const Named = Schema.Struct({ username: Schema.String })
const Limited = Schema.Struct({ address: Address })
const apiKey = { name: Schema.String, scope: Scope }
const ofAccount = { accountId: Schema.String }

export const AccessEvents = {
  accountCreated: eventType("account.created", {
    category,
    subject: "account",
    description: "An account was created.",
    payload: Named
  }),
  accountRenamed: eventType("account.renamed", {
    category,
    subject: "account",
    description: "An account was renamed.",
    payload: Schema.Struct({ before: Schema.String, after: Schema.String })
  }),
  passwordChanged: eventType("account.password-changed", {
    category,
    subject: "account",
    description: "The password of an account was changed or reset; its other sessions were ended.",
    payload: Named
  }),
  passwordRefused: eventType("account.password-refused", {
    category,
    severity: "warning",
    subject: "account",
    description: "A change of a password was refused: the current one was wrong. Only a limited number is logged.",
    payload: Named
  }),
  apiKeyCreated: eventType("api-key.created", {
    category,
    subject: "api-key",
    description: "An API key was created.",
    payload: Schema.Struct({
      ...apiKey,
      expiresAt: Schema.optionalKey(Schema.NullOr(Schema.String)).annotate({
        description: "`null` = never; absent for a key from the environment."
      })
    })
  }),
  apiKeyRenamed: eventType("api-key.renamed", {
    category,
    subject: "api-key",
    description: "An API key was renamed.",
    payload: Schema.Struct({
      ...apiKey,
      before: Schema.String.annotate({ description: "Its previous name." })
    })
  }),
  apiKeyRevoked: eventType("api-key.revoked", {
    category,
    subject: "api-key",
    description: "An API key was revoked.",
    payload: Schema.Struct(apiKey)
  }),
  dialectKeyCreated: eventType("dialect-key.created", {
    category,
    subject: "dialect",
    description: "The key of a dialect was created, or a new one replaced it.",
    payload: Schema.Struct({
      replaced: Schema.Boolean.annotate({ description: "Whether a former key is refused from now on." })
    })
  }),
  sessionStarted: eventType("session.started", {
    category,
    subject: "session",
    description: "Somebody signed in.",
    payload: Schema.Struct({ ...ofAccount, address: Address, userAgent: Schema.NullOr(Schema.String) })
  }),
  sessionEnded: eventType("session.ended", {
    category,
    subject: "session",
    description: "Somebody signed out.",
    payload: Schema.Struct(ofAccount)
  }),
  sessionRevoked: eventType("session.revoked", {
    category,
    subject: ["session", "account"],
    description: "A session was revoked, or all other sessions of an account.",
    payload: Schema.Struct({
      ...ofAccount,
      sessions: Schema.optionalKey(Schema.Int).annotate({
        description: "Number of sessions, if the event is about the account."
      })
    })
  }),
  sessionRefused: eventType("session.refused", {
    category,
    severity: "warning",
    subject: "account",
    description: "A sign-in was refused. Only a limited number is logged.",
    payload: Schema.Struct({
      address: Address,
      username: Schema.NullOr(Schema.String).annotate({ description: "`null` unless such an account exists." })
    })
  }),
  sessionLimited: eventType("session.limited", {
    category,
    severity: "warning",
    description: "Somebody tried to sign in too often, and has to wait.",
    payload: Limited
  }),
  setupKeyCreated: eventType("setup.key-created", {
    category,
    description: "A one-time key for the first set-up was printed, because there was no account yet.",
    payload: NoPayload
  }),
  setupRefused: eventType("setup.refused", {
    category,
    severity: "warning",
    description: "A wrong set-up key was refused. Only a limited number is logged.",
    payload: Schema.Struct({ address: Address })
  }),
  setupLimited: eventType("setup.limited", {
    category,
    severity: "warning",
    description: "Somebody tried set-up keys too often, and has to wait.",
    payload: Limited
  })
}
