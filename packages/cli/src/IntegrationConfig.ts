/**
 * Builds the configuration of an integration from `--set key=value`, secrets and defaults, according to the fields of
 * its kind.
 */
import type { IntegrationKind } from "@tendarr/sdk-client"
import { Effect, Option, Redacted } from "effect"
import { Prompt } from "effect/cli"
import type { Ask } from "./connection/Connection.ts"
import { type CommandFailure, failed, misused } from "./Failure.ts"
import { asked, canAsk } from "./Questions.ts"
import { secretFor } from "./Secrets.ts"
import { nearest } from "./UsageErrors.ts"

type Field = IntegrationKind["fields"][number]
export type Config = Readonly<Record<string, unknown>>

export const kindNamed = Effect.fnUntraced(function* (ask: Ask, named: string) {
  const { items } = yield* ask((client) => client.integrations.kinds())
  const kind = items.find(({ id, title }) => [id, title.toLowerCase()].includes(named.toLowerCase()))
  if (kind !== undefined) return kind
  const near = nearest(
    named,
    items.map(({ id }) => id)
  )
  return yield* failed(
    `There is no kind of integration "${named}"${near === null ? "" : `. Did you mean ${near}?`}`,
    "kind-not-found",
    `There are: ${items.map(({ id }) => id).join(", ")}`
  )
})

/** Values set by name. Secrets are refused, because other users can read a command line. */
const settingsOf = (
  kind: IntegrationKind,
  set: ReadonlyArray<string>
): Effect.Effect<Record<string, unknown>, CommandFailure> =>
  Effect.gen(function* () {
    const config: Record<string, unknown> = {}
    for (const each of set) {
      const at = each.indexOf("=")
      const key = each.slice(0, Math.max(0, at))
      const field = kind.fields.find((candidate) => candidate.key === key)
      if (field === undefined) {
        const keys = kind.fields.filter(({ type }) => type !== "secret").map((candidate) => candidate.key)
        return yield* misused(
          `--set ${each} does not name a field of ${kind.title}`,
          keys.length === 0
            ? `${kind.title} has no other field than its ${kind.fields[0]?.label ?? "address"}.`
            : `It has: ${keys.join(", ")}`
        )
      }
      if (field.type === "secret") {
        return yield* misused(
          `The ${field.label} cannot be given on the command line, where other users can read it`,
          "Leave it out to be prompted, use --key-file, or set it in the environment."
        )
      }
      config[key] = yield* valueOf(field, each.slice(at + 1))
    }
    return config
  })

const valueOf = (field: Field, text: string): Effect.Effect<unknown, CommandFailure> => {
  const wrong = (expected: string) => Effect.fail(misused(`${field.key} takes ${expected}, got "${text}"`))
  switch (field.type) {
    case "boolean":
      return text === "true" || text === "false" ? Effect.succeed(text === "true") : wrong("true or false")
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Effect.succeed(Number(text)) : wrong("a whole number")
    case "choice":
      return field.choices?.includes(text) === true
        ? Effect.succeed(text)
        : wrong(`one of ${field.choices?.join(", ") ?? ""}`)
    default:
      return Effect.succeed(text)
  }
}

export interface Given {
  readonly set: ReadonlyArray<string>
  readonly keyFile: Option.Option<string>
}

/**
 * The values that were set; with a file, or if `newSecret` is given, also the secret. Everything else keeps its stored
 * value.
 */
export const changedConfig = Effect.fnUntraced(function* (
  kind: IntegrationKind,
  name: string,
  given: Given,
  newSecret = false
) {
  const config = yield* settingsOf(kind, given.set)
  const secret = kind.fields.find(({ type }) => type === "secret")
  if ((newSecret || Option.isSome(given.keyFile)) && secret !== undefined) {
    config[secret.key] = Redacted.value(yield* secretFor(secret, [name, kind.id], given.keyFile))
  }
  return config
})

/**
 * Everything that the kind requires: values that were set, secrets from where `secretFor` finds them, the rest by
 * prompting.
 */
export const wholeConfig = Effect.fnUntraced(function* (kind: IntegrationKind, name: string, given: Given) {
  const config = yield* settingsOf(kind, given.set)
  for (const field of kind.fields) {
    if (!field.required || field.key in config) continue
    if (field.type === "secret") {
      config[field.key] = Redacted.value(yield* secretFor(field, [name, kind.id], given.keyFile))
    } else if (field.default === undefined) {
      if (!(yield* canAsk)) return yield* misused(`${field.label} is required; give --set ${field.key}=…`)
      const text = yield* asked(Prompt.String({ message: `${field.label} (${field.description})` }))
      config[field.key] = yield* valueOf(field, text)
    }
  }
  return config
})
