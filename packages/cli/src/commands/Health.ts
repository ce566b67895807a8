/** `tendarr health`: whether a server is up, by its exit code. What a container asks of itself; it needs no key. */
import { createTendarrClient } from "@tendarr/sdk-client"
import { defaultPort } from "@tendarr/core/server/ServeOptions"
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { misused, toFailure } from "../Failure.ts"
import { answer, root } from "../Root.ts"

/** Longer than a busy server takes, shorter than anyone who asks will wait. */
const timeoutMillis = 5000

export const health = Command.make(
  "health",
  {},
  Effect.fnUntraced(function* () {
    const shared = yield* root
    const url = Option.getOrElse(shared.url, () => addressFrom(process.env))
    if (!URL.canParse(url)) return yield* misused(`"${url}" is no address; give one such as http://nas:8787`)
    const client = createTendarrClient({ baseUrl: url, retries: 0, timeoutMillis })
    const { data } = yield* Effect.tryPromise({
      try: (signal) => client.health.live({ signal }),
      catch: (error) => toFailure(error, url)
    })
    yield* answer(data, () => [`Tendarr ${data.version} at ${url} is up`])
  })
).pipe(
  Command.withDescription("Ask whether a server is up"),
  Command.withExamples([
    { command: "tendarr health", description: "The server on this machine, at TENDARR_PORT or 8787" },
    { command: "tendarr health --url http://nas:8787", description: "Another one" }
  ])
)

/** The server that this environment would start. */
const addressFrom = (env: Readonly<Record<string, string | undefined>>): string =>
  nonEmpty(env["TENDARR_URL"]) ?? `http://127.0.0.1:${nonEmpty(env["TENDARR_PORT"]) ?? String(defaultPort)}`

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text)
