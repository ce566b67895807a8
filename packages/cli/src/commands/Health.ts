/** `tendarr health`: whether a server is up, by exit code. Used as the health check of a container; needs no key. */
import { createTendarrClient } from "@tendarr/sdk-client"
import { basePathOf, defaultPort } from "@tendarr/core/server/ServeOptions"
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { misused, toFailure } from "../Failure.ts"
import { answer, root } from "../Root.ts"

/** Longer than a busy server needs, shorter than anyone would wait. */
const timeoutMillis = 5000

export const health = Command.make(
  "health",
  {},
  Effect.fnUntraced(function* () {
    const shared = yield* root
    const base = yield* Effect.fromResult(basePathOf(undefined, process.env)).pipe(
      Effect.mapError(({ message }) => misused(message))
    )
    const url = Option.getOrElse(shared.url, () => addressFrom(process.env, base))
    if (!URL.canParse(url)) return yield* misused(`"${url}" is not an address; give one such as http://nas:8787`)
    const client = createTendarrClient({ baseUrl: url, retries: 0, timeoutMillis })
    const { data } = yield* Effect.tryPromise({
      try: (signal) => client.health.live({ signal }),
      catch: (error) => toFailure(error, url)
    })
    yield* answer(data, () => [`Tendarr ${data.version} at ${url} is up`])
  })
).pipe(
  Command.withDescription("Check whether a server is up"),
  Command.withExamples([
    {
      command: "tendarr health",
      description: "The server on this machine, at TENDARR_PORT (or 8787) and TENDARR_BASE_PATH"
    },
    { command: "tendarr health --url http://nas:8787", description: "Another server" }
  ])
)

/** The address of the server that this environment would start. */
const addressFrom = (env: Readonly<Record<string, string | undefined>>, base: string): string =>
  nonEmpty(env["TENDARR_URL"]) ?? `http://127.0.0.1:${nonEmpty(env["TENDARR_PORT"]) ?? String(defaultPort)}${base}`

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text)
