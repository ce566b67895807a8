/** The client package as effects: interruption aborts the request, and every failure is one of the command. */
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
  const use: Connection["use"] = (work) =>
    Effect.tryPromise({
      try: (signal) => work(clientUntil(target, signal), signal),
      catch: (error) => toFailure(error, target.where)
    })
  const ask: Ask = (method) =>
    Effect.flatMap(use(method), ({ data, response }) => {
      const type = response.headers.get("content-type") ?? "nothing"
      return response.status === 204 || type.includes("json")
        ? Effect.succeed(data)
        : Effect.fail(unreachable(`${target.where} answered with ${type}; there is no Tendarr at this address`))
    })
  return { ask, use }
}

/** A client whose requests the signal ends. Who waits at a terminal repeats a command sooner than a client would. */
const clientUntil = ({ apiKey, fetch, url }: Target, signal: AbortSignal): TendarrClient =>
  createTendarrClient({
    baseUrl: url,
    apiKey: apiKey === null ? "" : Redacted.value(apiKey),
    retries: 0,
    fetch: (input, init) => {
      const request = new Request(input, init)
      // A redirect could carry the key to another host; it is told, not followed.
      return fetch(new Request(request, { redirect: "manual", signal: AbortSignal.any([request.signal, signal]) }))
    }
  })
