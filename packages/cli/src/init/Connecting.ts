/** Connects applications: tested first, added only if the test succeeds, and never twice. */
import { addressOf } from "@tendarr/core/integrations/Sameness"
import type { ConnectionTestResult, Integration, IntegrationKind } from "@tendarr/sdk-client"
import { Console, Effect, Option, Redacted } from "effect"
import { Prompt } from "effect/cli"
import type { Ask } from "../connection/Connection.ts"
import { wholeConfig } from "../IntegrationConfig.ts"
import { clean } from "../output/Format.ts"
import { testLines } from "../output/Integrations.ts"
import type { Style } from "../output/Style.ts"
import { asked, askedSecret } from "../Questions.ts"
import { addressIn, type Found } from "./Discovery.ts"

export const isConnected = (url: string, integrations: ReadonlyArray<Integration>): boolean =>
  integrations.some((one) => addressOf(one.url) === addressOf(url))

/** `Radarr`, or `Radarr 2` if that name is taken. */
export const freeName = (title: string, integrations: ReadonlyArray<Integration>): string => {
  const taken = new Set(integrations.map(({ name }) => name.toLowerCase()))
  for (let number = 1; ; number++) {
    const name = number === 1 ? title : `${title} ${number}`
    if (!taken.has(name.toLowerCase())) return name
  }
}

export interface Draft {
  readonly kind: IntegrationKind
  readonly name: string
  readonly url: string
  readonly config: Readonly<Record<string, unknown>>
}

export const tryOut = (ask: Ask, { config, kind, url }: Draft) =>
  ask((client) => client.integrations.test({ body: { kind: kind.id, url, config } })).pipe(
    // An invalid address, or too many attempts, are errors for the person to see.
    Effect.catchIf(
      ({ code }) => code === "invalid-request" || code === "too-many-requests",
      (failure) => Effect.succeed(refusal(failure.message))
    )
  )

const refusal = (detail: string): ConnectionTestResult => ({
  ok: false,
  appName: null,
  version: null,
  latencyMillis: null,
  refusesRemoval: null,
  error: { type: "refused", detail }
})

/** `null` if it turns out to be already connected under another address. */
export const connect = (ask: Ask, { config, kind, name, url }: Draft) =>
  ask((client) => client.integrations.create({ body: { kind: kind.id, name, url, config } })).pipe(
    Effect.catchIf(
      ({ code }) => code === "already-connected",
      () => Effect.succeed(null)
    )
  )

/**
 * Prompts for the required values, tests the connection, and repeats as long as the person wants to. `null` = skipped.
 */
export const connectAttended = Effect.fnUntraced(function* (
  ask: Ask,
  found: Found,
  integrations: ReadonlyArray<Integration>,
  style: Style
) {
  const kind =
    found.kinds.length === 1
      ? found.kinds[0]
      : yield* asked(
          Prompt.Select({
            message: `What is at ${found.url}?`,
            choices: found.kinds.map((each) => ({ title: each.title, value: each }))
          })
        )
  const name = freeName(kind.title, integrations)
  yield* Console.log(`\n${style.bold(clean(name))} at ${clean(found.url)}`)
  let url = found.url
  let config: Record<string, unknown> = yield* wholeConfig(kind, name, { set: [], keyFile: Option.none() })
  for (;;) {
    const draft = { kind, name, url, config }
    const result = yield* tryOut(ask, draft)
    yield* Console.log(testLines(result, style).join("\n"))
    if (result.ok) {
      const added = yield* connect(ask, draft)
      if (added === null) yield* Console.log("It is already connected, under another address")
      return added
    }
    const next = yield* asked(
      Prompt.Select({
        message: "How to continue?",
        choices: [
          { title: "Enter the key again", value: "key" },
          { title: "Enter another address", value: "address" },
          { title: `Skip ${kind.title}`, value: "skip" }
        ]
      })
    )
    if (next === "skip") return null
    if (next === "address") url = yield* askedAddress(url)
    const secret = kind.fields.find(({ type }) => type === "secret")
    if (next === "key" && secret !== undefined) {
      config = { ...config, [secret.key]: Redacted.value(yield* askedSecret(secret.label)) }
    }
  }
})

const askedAddress = (before: string) =>
  Effect.map(asked(Prompt.String({ message: "Address", default: before })), (text) => addressIn(text) ?? text.trim())
