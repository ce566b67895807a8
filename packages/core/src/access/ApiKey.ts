/** An API key as it is shown: all fields except the key itself. */
import { Schema } from "effect"
import { Scope } from "./Scope.ts"

export const ApiKey = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  scope: Scope,
  /** The last four characters of the key. */
  hint: Schema.String,
  createdAt: Schema.String,
  /** Precise to the minute; `null` = never. */
  lastUsedAt: Schema.NullOr(Schema.String),
  /** `null` = never. */
  expiresAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ApiKey" })
export type ApiKey = typeof ApiKey.Type

/** Names with this prefix are reserved for keys from the environment. */
export const presetPrefix = "env:"

export const ApiKeyName = Schema.String.check(
  Schema.makeFilter((name: string) => !name.startsWith(presetPrefix), {
    message: `must not begin with ${presetPrefix}, which is reserved for keys from the environment`
  }),
  Schema.isTrimmed({ message: "must not begin or end with white space" }),
  Schema.isMinLength(1, { message: "must not be empty" }),
  Schema.isMaxLength(64, { message: "must have at most 64 characters" })
).annotate({ description: "1 to 64 characters, different from the name of any other key" })

export const NewApiKey = Schema.Struct({
  name: ApiKeyName,
  scope: Scope,
  expiresAt: Schema.optionalKey(Schema.NullOr(Schema.String)).annotateKey({
    description: "ISO-8601; absent or null = never"
  })
}).annotate({ identifier: "NewApiKey" })
export type NewApiKey = typeof NewApiKey.Type

export const ApiKeyRename = Schema.Struct({ name: ApiKeyName }).annotate({ identifier: "ApiKeyRename" })
