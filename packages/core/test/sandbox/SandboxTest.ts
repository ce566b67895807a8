/** A running sandbox on the test clock, with helpers for requests. */
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Sandbox, type SandboxOptions } from "../../src/sandbox/Sandbox.ts"
import { LoopbackListener } from "../../src/sandbox/LoopbackListener.ts"

export const startOfTest = Date.UTC(2026, 0, 15, 12)

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; `undefined` if it is not JSON. */
  readonly json: unknown
}

export interface AskOptions {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A key instead of the correct one; `null` = none. */
  readonly key?: string | null
}

/** Sends a request to a simulated application with its key. Fails like fetch. */
export const ask = Effect.fnUntraced(function* (app: string, path: string, options: AskOptions = {}) {
  const { applications } = yield* Sandbox
  const integration = applications.find((each) => each.app === app)?.integration
  if (integration === undefined) return yield* Effect.die(new Error(`No ${app} in the sandbox`))
  const { kind } = integration
  const key =
    options.key === undefined
      ? (integration.config["apiKey"] ?? integration.config["token"] ?? integration.config["session"] ?? "")
      : options.key
  const url = new URL(`${integration.url}${path}`)
  const headers: Record<string, string> = { accept: "application/json", ...options.headers }
  if (key !== null) {
    if (kind === "plex") headers["x-plex-token"] = key
    else if (kind === "tautulli") url.searchParams.set("apikey", key)
    else if (kind === "jellyfin") headers["authorization"] ??= `MediaBrowser Token="${key}", Client="Test"`
    else if (kind === "emby") headers["x-emby-token"] = key
    else if (kind === "tracearr") headers["authorization"] ??= `Bearer ${key}`
    else if (kind === "ombi") headers["apikey"] = key
    else if (kind === "jellystat") headers["x-api-token"] = key
    else if (kind === "streamystats") headers["cookie"] ??= `streamystats-session=${key}`
    else headers["x-api-key"] = key
  }
  const body = options.body === undefined ? null : JSON.stringify(options.body)
  if (body !== null) headers["content-type"] = "application/json"
  return yield* Effect.tryPromise(async (signal): Promise<Answer> => {
    const response = await fetch(url, { method: options.method ?? "GET", headers, body, signal })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  })
})

/** The JSON of a successful response. */
export const read = <A>(app: string, path: string, options: AskOptions = {}): Effect.Effect<A, Error, Sandbox> =>
  Effect.flatMap(ask(app, path, options), (answer) =>
    answer.status >= 200 && answer.status < 300 && answer.json !== undefined
      ? Effect.succeed(answer.json as A)
      : Effect.die(
          new Error(`${options.method ?? "GET"} ${path} answered ${answer.status}: ${answer.text.slice(0, 300)}`)
        )
  )

/** Runs `body` with a sandbox that starts at `startOfTest`. */
export const withSandbox = <A, E>(options: SandboxOptions, body: Effect.Effect<A, E, Sandbox>): Effect.Effect<A, E> =>
  Effect.andThen(
    TestClock.setTime(startOfTest),
    Effect.provide(body, Sandbox.layer(options).pipe(Layer.provide(LoopbackListener)))
  )

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
