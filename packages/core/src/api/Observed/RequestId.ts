/**
 * The id of a request, in its answer and in every line that is logged for it. A trusted proxy may bring one, so that its log
 * and ours tell of the same request; what anybody else sends is not believed.
 */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import type { Settings } from "../../settings/Settings.ts"
import { cameByTrustedProxy } from "../Client.ts"

export const requestIdHeader = "x-request-id"

/** Nothing that would break a line, or a header. */
const wellFormed = /^[\w.:=+/-]{1,64}$/

export const currentRequestId = (
  settings: Settings["Service"]
): Effect.Effect<string, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const sent = (yield* HttpServerRequest.HttpServerRequest).headers[requestIdHeader]
    if (sent !== undefined && wellFormed.test(sent) && (yield* cameByTrustedProxy(settings))) return sent
    return newRequestId()
  })

export const newRequestId = (): string => randomUUID()
