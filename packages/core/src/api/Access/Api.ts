/** Set-up, signing in, sessions, the own account, API keys. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  AlreadyInitialized,
  ApiKeyNameTaken,
  ApiKeyNotFound,
  AccountNotFound,
  InvalidCredentials,
  LoginLimited,
  SessionNotFound,
  SetupKeyInvalid,
  UsernameTaken,
  WrongPassword
} from "../../access/AccessErrors.ts"
import { Account } from "../../access/Account.ts"
import { ApiKey, ApiKeyRename, NewApiKey } from "../../access/ApiKey.ts"
import { TooManyRequests } from "../../access/RateLimiter.ts"
import { CrossSiteRefused } from "../../access/Cookies.ts"
import { AccountNeeded, Principal } from "../../access/Scope.ts"
import { Session } from "../../access/Sessions.ts"
import { SetupState } from "../../access/Setup.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, NeedsScope } from "../Common.ts"

const Text = Schema.String.check(Schema.isMaxLength(2000))

const forAccounts = "For accounts that have signed in; keys are refused."

export class SetupApi extends HttpApiGroup.make("setup")
  .add(
    HttpApiEndpoint.get("state", "/setup", { success: SetupState }).annotateMerge(
      about("Whether there is an account", "Open to anyone, so that a page knows what to show.")
    ),
    HttpApiEndpoint.post("redeem", "/setup", {
      payload: Schema.Struct({ setupKey: Text, username: Text, password: Text }),
      success: Account.pipe(HttpApiSchema.status(201)),
      error: [SetupKeyInvalid, AlreadyInitialized, InvalidRequest, TooManyRequests]
    }).annotateMerge(about("Create the first account", "Takes the one-time key that the server printed at its start.")),
    HttpApiEndpoint.post("login", "/sessions", {
      payload: Schema.Struct({ username: Text, password: Text }),
      success: Schema.Struct({ token: Schema.String, session: Session, account: Account }).pipe(
        HttpApiSchema.status(201)
      ),
      error: [InvalidCredentials, LoginLimited, CrossSiteRefused]
    }).annotateMerge(
      about(
        "Sign in",
        "Answers a token for `Authorization: Bearer` and sets the same one as a cookie that scripts cannot read."
      )
    )
  )
  .annotate(OpenApi.Description, "The first account, and signing in. Open to anyone, with limits on attempts.") {}

export class AccessApi extends HttpApiGroup.make("access")
  .add(
    HttpApiEndpoint.get("principal", "/principal", { success: Principal }).annotateMerge(
      about("Who these credentials are")
    ),
    HttpApiEndpoint.get("sessions", "/sessions", { success: listOf(Session), error: AccountNeeded }).annotateMerge(
      about("Own sessions", forAccounts)
    ),
    HttpApiEndpoint.delete("revokeSession", "/sessions/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: [AccountNeeded, SessionNotFound]
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(about("End a session", `\`current\` ends the one of this request. ${forAccounts}`)),
    HttpApiEndpoint.patch("updateAccount", "/account", {
      payload: Schema.Struct({ username: Text }),
      success: Account,
      error: [AccountNeeded, AccountNotFound, UsernameTaken, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change the own username", forAccounts)),
    HttpApiEndpoint.put("changePassword", "/account/password", {
      payload: Schema.Struct({ currentPassword: Text, newPassword: Text }),
      success: HttpApiSchema.NoContent,
      error: [AccountNeeded, AccountNotFound, WrongPassword, LoginLimited, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change the own password", `Ends all other sessions of the account. ${forAccounts}`)),
    HttpApiEndpoint.get("apiKeys", "/api-keys", { success: listOf(ApiKey) })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("List API keys", "Keys themselves are stored hashed and cannot be shown again.")),
    HttpApiEndpoint.post("createApiKey", "/api-keys", {
      payload: NewApiKey,
      success: Schema.Struct({ key: Schema.String, apiKey: ApiKey }).pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, ApiKeyNameTaken]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Create an API key", "The key is in this answer and nowhere else.")),
    HttpApiEndpoint.patch("renameApiKey", "/api-keys/:id", {
      params: idPath,
      payload: ApiKeyRename,
      success: ApiKey,
      error: [InvalidRequest, ApiKeyNotFound, ApiKeyNameTaken]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Rename an API key")),
    HttpApiEndpoint.delete("revokeApiKey", "/api-keys/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: ApiKeyNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Revoke an API key"))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Who may call: sessions, the own account, API keys with a scope.") {}
