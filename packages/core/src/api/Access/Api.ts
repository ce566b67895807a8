/** Set-up, sign-in, sessions, the caller's account, API keys. */
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

const forAccounts = "For signed-in accounts; API keys are refused."

export class SetupApi extends HttpApiGroup.make("setup")
  .add(
    HttpApiEndpoint.get("state", "/setup", { success: SetupState }).annotateMerge(
      about("Whether an account exists", "Open to anyone, so that a page knows which form to show.")
    ),
    HttpApiEndpoint.post("redeem", "/setup", {
      payload: Schema.Struct({ setupKey: Text, username: Text, password: Text }),
      success: Account.pipe(HttpApiSchema.status(201)),
      error: [SetupKeyInvalid, AlreadyInitialized, InvalidRequest, TooManyRequests]
    }).annotateMerge(
      about("Create the first account", "Needs the one-time key that the server printed when it started.")
    ),
    HttpApiEndpoint.post("login", "/sessions", {
      payload: Schema.Struct({ username: Text, password: Text }),
      success: Schema.Struct({ token: Schema.String, session: Session, account: Account }).pipe(
        HttpApiSchema.status(201)
      ),
      error: [InvalidCredentials, LoginLimited, CrossSiteRefused]
    }).annotateMerge(
      about(
        "Sign in",
        "Returns a token for `Authorization: Bearer` and sets the same token as a cookie that scripts cannot read."
      )
    )
  )
  .annotate(OpenApi.Description, "Creation of the first account, and sign-in. Open to anyone; attempts are limited.") {}

export class AccessApi extends HttpApiGroup.make("access")
  .add(
    HttpApiEndpoint.get("principal", "/principal", { success: Principal }).annotateMerge(
      about("Identity behind the credentials of this request")
    ),
    HttpApiEndpoint.get("sessions", "/sessions", { success: listOf(Session), error: AccountNeeded }).annotateMerge(
      about("List your sessions", forAccounts)
    ),
    HttpApiEndpoint.delete("revokeSession", "/sessions/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: [AccountNeeded, SessionNotFound]
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(about("End a session", `\`current\` ends the session of this request. ${forAccounts}`)),
    HttpApiEndpoint.patch("updateAccount", "/account", {
      payload: Schema.Struct({ username: Text }),
      success: Account,
      error: [AccountNeeded, AccountNotFound, UsernameTaken, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change your username", forAccounts)),
    HttpApiEndpoint.put("changePassword", "/account/password", {
      payload: Schema.Struct({ currentPassword: Text, newPassword: Text }),
      success: HttpApiSchema.NoContent,
      error: [AccountNeeded, AccountNotFound, WrongPassword, LoginLimited, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change your password", `Ends all other sessions of the account. ${forAccounts}`)),
    HttpApiEndpoint.get("apiKeys", "/api-keys", { success: listOf(ApiKey) })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("List API keys", "Keys are stored hashed and cannot be shown again.")),
    HttpApiEndpoint.post("createApiKey", "/api-keys", {
      payload: NewApiKey,
      success: Schema.Struct({ key: Schema.String, apiKey: ApiKey }).pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, ApiKeyNameTaken]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Create an API key", "The key is returned once, in this response.")),
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
  .annotate(OpenApi.Description, "Who may call the API: sessions, your account, and API keys with a scope.") {}
