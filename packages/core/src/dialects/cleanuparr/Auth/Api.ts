/** Signing in with an account of Tendarr; and Cleanuparr's own set-up, which Tendarr does in another way. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"

const Text = Schema.String.check(Schema.isMaxLength(1000))

const Tokens = Schema.Struct({
  accessToken: Schema.String,
  refreshToken: Schema.String.annotate({ description: "The same: a session is prolonged by its use." }),
  expiresIn: Schema.Int.annotate({ description: "In seconds." })
})

export class SignedIn extends Schema.Opaque<SignedIn>()(
  Schema.Struct({
    requiresTwoFactor: Schema.Literal(false),
    tokens: Tokens,
    // Some clients look for them here.
    ...Tokens.fields
  })
) {}

const elsewhere = about("Not here", "404, with what to do instead.")

export class AuthApi extends HttpApiGroup.make("auth").add(
  HttpApiEndpoint.post("login", "/api/auth/login", {
    payload: Schema.Struct({ username: Text, password: Text }),
    success: SignedIn
  }).annotateMerge(
    about("Sign in", "With an account of Tendarr. Returns a token for `Authorization: Bearer`. Attempts are limited.")
  ),
  HttpApiEndpoint.get("status", "/api/auth/status", { success: Schema.Never }).annotateMerge(elsewhere),
  HttpApiEndpoint.post("setUp", "/api/auth/setup/:step", {
    params: { step: Text },
    success: Schema.Never
  }).annotateMerge(elsewhere),
  HttpApiEndpoint.post("setUpPart", "/api/auth/setup/:step/:part", {
    params: { step: Text, part: Text },
    success: Schema.Never
  }).annotateMerge(elsewhere)
) {}
