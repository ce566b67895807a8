/** The configuration of a kind that needs only a key. */
import { Schema } from "effect"
import { configField } from "../ConfigForm.ts"

/** `whereabouts` describes where to find the key. */
export const apiKeyConfig = (whereabouts: string) =>
  Schema.Struct({
    apiKey: configField(Schema.String.check(Schema.isNonEmpty()), {
      title: "API key",
      description: whereabouts,
      ownSecret: true
    })
  })

export type ApiKeyConfig = ReturnType<typeof apiKeyConfig>["Type"]
