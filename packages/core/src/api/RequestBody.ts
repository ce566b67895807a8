/**
 * Limits of request bodies. The size is refused as soon as it is known; the rest is checked when an endpoint reads the
 * body, which is after authentication.
 */
import { ByteSize, Effect, Schema } from "effect"
import { HttpIncomingMessage, HttpMethod, HttpServerRequest } from "effect/http"
import type { HttpServerError, HttpServerResponse } from "effect/http"
import { invalidField, Problem } from "../problems/Problem.ts"
import type { BodyBounds } from "./Mount.ts"
import { pathOf } from "./RequestPath.ts"

const mebibyte = 1_048_576

/** Default limit of a mount. */
export const maximumBodyBytes = mebibyte

/** Nesting depth of objects and lists. Conditions of rules nest far less; deeper values exhaust the stack. */
export const maximumDepth = 100

export class BodyTooLarge extends Problem<BodyTooLarge>()(
  "BodyTooLarge",
  { code: "body-too-large", status: 413, title: "The request body is too large" },
  { detail: Schema.String }
) {}

export class UnsupportedMediaType extends Problem<UnsupportedMediaType>()("UnsupportedMediaType", {
  code: "unsupported-media-type",
  status: 415,
  title: "Send the body as application/json, without a content encoding"
}) {}

type Answer = HttpServerResponse.HttpServerResponse

/** Limits the body of the current request. */
export const withBoundedBody = <E, R>(
  { byPath, most }: BodyBounds,
  effect: Effect.Effect<Answer, E, R>
): Effect.Effect<Answer, E, R | HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request): Effect.Effect<Answer, E, R> => {
    const { "content-encoding": encoding = "identity", "content-length": length = "0" } = request.headers
    const other = byPath[`${request.method} ${pathOf(request)}`]
    const bound = other === undefined ? most : other
    // Thrown, like errors in the body text: the mount formats them.
    if (bound !== null && Number(length) > bound) return Effect.die(bodyTooLarge(bound))
    if (!HttpMethod.hasBody(request.method)) return effect
    if (encoding !== "identity") return Effect.die(new UnsupportedMediaType())
    if (bound === null) return effect
    return effect.pipe(
      Effect.provideService(HttpServerRequest.HttpServerRequest, withCheckedText(request, bound)),
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(bound))
    )
  })

/** The same request, whose text is refused if it is too long or nested too deeply. */
const withCheckedText = (
  request: HttpServerRequest.HttpServerRequest,
  bound: number
): HttpServerRequest.HttpServerRequest => Object.create(request, { text: { get: () => checkedText(request, bound) } })

const checkedText = (request: HttpServerRequest.HttpServerRequest, bound: number) =>
  request.text.pipe(
    // Reading the text of a request cannot fail with a problem; a defect is turned into a response as well.
    Effect.catch((error) => Effect.die(refusalOf(error, bound))),
    Effect.tap((text) =>
      nestsDeeperThan(text, maximumDepth)
        ? Effect.die(invalidField(["payload"], `nests deeper than ${maximumDepth} levels`))
        : Effect.void
    )
  )

const bodyTooLarge = (bound: number) => new BodyTooLarge({ detail: `It may have at most ${bound / mebibyte} MiB here` })

const refusalOf = ({ reason }: HttpServerError.HttpServerError, bound: number) =>
  reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? bodyTooLarge(bound)
    : invalidField(["payload"], "broke off, or could not be read")

/** Whether brackets of a JSON text are nested deeper, without parsing it; brackets within strings do not count. */
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
