/** Errors of signing in, accounts, sessions, API keys and set-up. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

/** The same error for an unknown username and a wrong password. */
export class InvalidCredentials extends Problem<InvalidCredentials>()("InvalidCredentials", {
  code: "invalid-credentials",
  status: 401,
  title: "The username or the password is wrong"
}) {}

export class LoginLimited extends Problem<LoginLimited>()(
  "LoginLimited",
  { code: "login-limited", status: 429, title: "Too many sign-in attempts" },
  { detail: Schema.String, retryAfterSeconds: Schema.Int }
) {}

/** Not a 401: whoever changes their password is signed in, and a client may react to 401 by signing them out. */
export class WrongPassword extends Problem<WrongPassword>()("WrongPassword", {
  code: "wrong-password",
  status: 403,
  title: "The current password is wrong"
}) {}

export class UsernameTaken extends Problem<UsernameTaken>()(
  "UsernameTaken",
  { code: "username-taken", status: 409, title: "That username is taken" },
  { username: Schema.String }
) {}

export class AccountNotFound extends Problem<AccountNotFound>()(
  "AccountNotFound",
  { code: "account-not-found", status: 404, title: "There is no such account" },
  { accountId: Schema.String }
) {}

export class SessionNotFound extends Problem<SessionNotFound>()(
  "SessionNotFound",
  { code: "session-not-found", status: 404, title: "There is no such session" },
  { sessionId: Schema.String }
) {}

export class ApiKeyNotFound extends Problem<ApiKeyNotFound>()(
  "ApiKeyNotFound",
  { code: "api-key-not-found", status: 404, title: "There is no such API key" },
  { apiKeyId: Schema.String }
) {}

/** Names appear in the log as the actor, so they must be unique. */
export class ApiKeyNameTaken extends Problem<ApiKeyNameTaken>()(
  "ApiKeyNameTaken",
  { code: "api-key-name-taken", status: 409, title: "Another API key has that name" },
  { name: Schema.String }
) {}

export class SetupKeyInvalid extends Problem<SetupKeyInvalid>()("SetupKeyInvalid", {
  code: "setup-key-invalid",
  status: 403,
  title: "That is not the set-up key that was printed at the last start"
}) {}

export class AlreadyInitialized extends Problem<AlreadyInitialized>()("AlreadyInitialized", {
  code: "already-initialized",
  status: 409,
  title: "An account exists already"
}) {}

/** The key of the dialect is set by the environment, so that no other one would be accepted. */
export class DialectKeyPreset extends Problem<DialectKeyPreset>()(
  "DialectKeyPreset",
  { code: "dialect-key-preset", status: 409, title: "The environment sets this key" },
  { dialect: Schema.String, detail: Schema.String }
) {}
