/** The client package as effects: interruption aborts the request, and every error becomes a failure of the command. */
import { createTendarrClient, type TendarrClient } from "@tendarr/sdk-client"
import { Effect, Redacted } from "effect"
import { toFailure, unreachable } from "../Failure.ts"
import type { Ask, Connection } from "./Connection.ts"

export interface Target {
  readonly where: string
  readonly url: string
  readonly apiKey: Redacted.Redacted<string> | null
  readonly fetch: (request: Request) => Promise<Response>
}

export const asking = (target: Target): Pick<Connection, "ask" | "use"> => {
  const foreign = (type: string) =>
    unreachable(`${target.where} answered with ${type}; there is no Tendarr at this address`)
  const use: Connection["use"] = (work) =>
    Effect.suspend(() => {
      let type = "nothing"
      const noted = (response: Response) => {
        type = response.headers.get("content-type") ?? "nothing"
      }
      return Effect.tryPromise({
        try: (signal) => work(clientUntil(target, signal, noted), signal),
        catch: (error) => {
          const failure = toFailure(error, target.where)
          return failure.code === "unknown-answer" && !type.includes("json") ? foreign(type) : failure
        }
      })
    })
  const ask: Ask = (method) =>
    Effect.flatMap(use(method), ({ data, response }) => {
      const type = response.headers.get("content-type") ?? "nothing"
      return response.status === 204 || type.includes("json") ? Effect.succeed(data) : Effect.fail(foreign(type))
    })
  return { ask, use }
}

/**
 * A client whose requests are aborted with the signal. It does not retry: at a terminal, the user repeats the command.
 */
const clientUntil = (
  { apiKey, fetch, url }: Target,
  signal: AbortSignal,
  noted: (response: Response) => void
): TendarrClient =>
  createTendarrClient({
    baseUrl: url,
    apiKey: apiKey === null ? "" : Redacted.value(apiKey),
    retries: 0,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      // A redirect could send the key to another host; it is reported, not followed.
      const sent = new Request(request, {
        redirect: "manual",
        signal: AbortSignal.any([request.signal, signal])
      })
      const response = await fetch(sent)
      noted(response)
      return response
    }
  })
