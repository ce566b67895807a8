/**
 * The id of a request, in its answer and in every line that is logged for it. A trusted proxy may provide one, so that its
 * log and ours can be correlated; an id from anyone else is ignored.
 */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import type { Settings } from "../../settings/Settings.ts"
import { cameByTrustedProxy } from "../Client.ts"

export const requestIdHeader = "x-request-id"

/** Only characters that cannot break a line or a header. */
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
