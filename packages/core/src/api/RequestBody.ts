/**
 * What the body of a request may be. Its size is refused as soon as it is known; the rest is checked when an endpoint
 * reads it, which is after the credentials.
 */
import { ByteSize, Effect } from "effect"
import { HttpIncomingMessage, HttpMethod, HttpServerRequest, HttpServerRespondable } from "effect/http"
import type { HttpServerError, HttpServerResponse } from "effect/http"
import { invalidField, Problem } from "../problems/Problem.ts"

/** Nothing in the API needs more. */
export const maximumBodyBytes = 1_048_576

/** Levels of objects and lists in one another. Conditions of rules nest far less; deeper ones exhaust the stack. */
export const maximumDepth = 100

export class BodyTooLarge extends Problem<BodyTooLarge>()("BodyTooLarge", {
  code: "body-too-large",
  status: 413,
  title: "A request body may have at most 1 MiB"
}) {}

export class UnsupportedMediaType extends Problem<UnsupportedMediaType>()("UnsupportedMediaType", {
  code: "unsupported-media-type",
  status: 415,
  title: "Send the body as application/json, without a content encoding"
}) {}

type Answer = HttpServerResponse.HttpServerResponse

/** Bounds the body of the request under way. */
export const withBoundedBody = <E, R>(
  effect: Effect.Effect<Answer, E, R>
): Effect.Effect<Answer, E, R | HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request): Effect.Effect<Answer, E, R> => {
    const { "content-encoding": encoding = "identity", "content-length": length = "0" } = request.headers
    if (Number(length) > maximumBodyBytes) return HttpServerRespondable.toResponse(new BodyTooLarge())
    if (!HttpMethod.hasBody(request.method)) return effect
    if (encoding !== "identity") return HttpServerRespondable.toResponse(new UnsupportedMediaType())
    return effect.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, withCheckedText(request)),
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maximumBodyBytes))
    )
  })

/** The same request; its text is refused where it is too long or nests too deep. */
const withCheckedText = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest =>
  Object.create(request, { text: { get: () => checkedText(request) } })

const checkedText = (request: HttpServerRequest.HttpServerRequest) =>
  request.text.pipe(
    // A request's text cannot fail with a problem; one that is thrown is answered all the same.
    Effect.catch((error) => Effect.die(refusalOf(error))),
    Effect.tap((text) =>
      nestsDeeperThan(text, maximumDepth)
        ? Effect.die(invalidField(["payload"], `nests deeper than ${maximumDepth} levels`))
        : Effect.void
    )
  )

const refusalOf = ({ reason }: HttpServerError.HttpServerError) =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? new BodyTooLarge()
    : invalidField(["payload"], "broke off, or could not be read")

/** Whether brackets of a JSON text nest deeper, without parsing it; those in strings do not count. */
export const nestsDeeperThan = (text: string, most: number): boolean => {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === backslash) index += 1
      else if (code === quote) quoted = false
    } else if (code === quote) quoted = true
    else if (code === openBrace || code === openBracket) {
      depth += 1
      if (depth > most) return true
    } else if (code === closeBrace || code === closeBracket) depth -= 1
  }
  return false
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
