/** The configuration of a kind that needs only a key. */
import { Schema } from "effect"
import type { ConfigField } from "../Kind.ts"

export const ApiKeyConfig = Schema.Struct({ apiKey: Schema.String.check(Schema.isNonEmpty()) })
export type ApiKeyConfig = typeof ApiKeyConfig.Type

/** `whereabouts` tells people where to find the key. */
export const apiKeyField = (whereabouts: string): ConfigField => ({
  key: "apiKey",
  label: "API key",
  type: "secret",
  required: true,
  ownSecret: true,
  description: whereabouts
})
