/**
 * Turns a response, or the lack of one, into an error of `UpstreamErrors.ts`: with the message of the upstream, without
 * secrets, and whether a retry may help.
 */
import { Predicate } from "effect"
import type { UpstreamRefusal } from "../Upstream.ts"
import {
  UpstreamHeldBack,
  UpstreamMalformed,
  UpstreamRateLimited,
  UpstreamRefused,
  UpstreamUnauthorized,
  UpstreamUnreachable,
  UpstreamUntrusted,
  type UpstreamError
} from "../UpstreamErrors.ts"

/** A failed attempt. */
export interface Failure {
  readonly error: UpstreamError
  /** Whether the same call may succeed shortly afterwards. */
  readonly mayPass: boolean
  /** Set if nothing answered; such failures open the circuit. */
  readonly noAnswer: string | null
  readonly retryAfterMillis: number | null
  /** The response that refused the call, if there was one. */
  readonly refusal: UpstreamRefusal | null
}

/** Creates the failures of one call. */
export interface Failures {
  readonly unreachable: (reason: string, mayPass: boolean) => Failure
  /** The circuit is open: nothing was sent, so this does not count against the host. */
  readonly turnedAway: (reason: string) => Failure
  /** Nothing was sent, for a reason on our side. */
  readonly heldBack: (reason: string) => Failure
  /** The server could not prove its identity, so nothing was sent. */
  readonly untrusted: (reason: string) => Failure
  readonly malformed: (detail: string) => Failure
  /** A successful response that says that the session has ended. */
  readonly sessionEnded: () => Failure
  readonly refused: (status: number, detail: string) => Failure
  /** For a response with status 400 or above. */
  readonly answered: (status: number, body: string, headers: Headers, nowMillis: number) => Failure
}

export const makeFailures = (integration: string, call: string, redact: (text: string) => string): Failures => {
  const fields = (detail: string) => ({
    integration: redact(integration),
    call: redact(call),
    detail: shorten(redact(detail))
  })
  const settled = { mayPass: false, noAnswer: null, retryAfterMillis: null, refusal: null }
  const unreachable = (detail: string) => new UpstreamUnreachable(fields(detail))
  return {
    unreachable: (reason, mayPass) => ({
      error: unreachable(reason),
      mayPass,
      noAnswer: mayPass ? shorten(redact(reason)) : null,
      retryAfterMillis: null,
      refusal: null
    }),
    turnedAway: (reason) => ({ ...settled, error: unreachable(reason) }),
    heldBack: (reason) => ({ ...settled, error: new UpstreamHeldBack(fields(reason)) }),
    untrusted: (reason) => ({ ...settled, error: new UpstreamUntrusted(fields(reason)) }),
    malformed: (detail) => ({ ...settled, error: new UpstreamMalformed(fields(detail)) }),
    sessionEnded: () => ({
      ...settled,
      error: new UpstreamUnauthorized({ ...fields("the session has ended"), status: 401 }),
      refusal: { status: 401, headers: {} }
    }),
    refused: (status, detail) => ({
      ...settled,
      error: new UpstreamRefused({ ...fields(detail), status }),
      refusal: { status, headers: {} }
    }),
    answered: (status, body, headers, nowMillis) => {
      const detail = textOf(body, headers.get("content-type") ?? "") ?? `status ${status}`
      const retryAfterMillis = retryAfter(headers, nowMillis)
      const refusal: UpstreamRefusal = { status, headers: Object.fromEntries(headers) }
      if (status === 401 || status === 403) {
        return { ...settled, refusal, error: new UpstreamUnauthorized({ ...fields(detail), status }) }
      }
      if (status === 429) {
        const error = new UpstreamRateLimited({ ...fields(detail), retryAfterMillis })
        return { error, mayPass: true, noAnswer: null, retryAfterMillis, refusal }
      }
      return {
        error: new UpstreamRefused({ ...fields(detail), status }),
        mayPass: status === 502 || status === 503 || status === 504,
        noAnswer: null,
        retryAfterMillis,
        refusal
      }
    }
  }
}

/** Replaces every secret, in each spelling that URLs and JSON use for it. */
export const makeRedact = (secrets: ReadonlyArray<string>): ((text: string) => string) => {
  const forms = secrets
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      encodeURI(secret),
      new URLSearchParams({ v: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1)
    ])
    .filter((form) => form !== "")
    .sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, "[redacted]"), text)
}

/** Whether a body is a web page instead of the response of an API. */
export const isWebPage = (body: string, contentType: string): boolean =>
  /^\s*(text\/html|application\/xhtml)/i.test(contentType) ||
  /^\s*<(!doctype\s+html|html[\s>])/i.test(body.slice(0, 200))

/** Milliseconds requested by `Retry-After`, given in seconds or as a date; `null` without one. */
const retryAfter = (headers: Headers, nowMillis: number): number | null => {
  const value = headers.get("retry-after")?.trim() ?? ""
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMillis)
}

/** The message in an error body, in the formats that upstreams use; `null` if there is none. */
const textOf = (body: string, contentType: string): string | null => {
  if (body.trim() === "") return null
  if (isWebPage(body, contentType)) return "a web page, probably a wrong base path or a proxy"
  try {
    return wordsIn(JSON.parse(body)) ?? null
  } catch {
    return (
      body
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim() || null
    )
  }
}

const wordsIn = (value: unknown): string | null => {
  if (typeof value === "string") return value === "" ? null : value
  if (Array.isArray(value)) {
    const parts = value.map(wordsIn).filter((part) => part !== null)
    return parts.length === 0 ? null : parts.join("; ")
  }
  if (!Predicate.isObject(value)) return null
  if ("errorMessage" in value && typeof value.errorMessage === "string") {
    const property = "propertyName" in value && typeof value.propertyName === "string" ? `${value.propertyName}: ` : ""
    return `${property}${value.errorMessage}`
  }
  if ("errors" in value && Predicate.isObject(value.errors)) {
    const parts = Object.entries(value.errors).flatMap(([field, said]) => {
      const words = wordsIn(said)
      return words === null ? [] : [field === "" || /^\d+$/.test(field) ? words : `${field}: ${words}`]
    })
    if (parts.length > 0) return parts.join("; ")
  }
  for (const key of ["message", "error", "detail", "title", "response"]) {
    const words: string | null = key in value ? wordsIn(Reflect.get(value, key)) : null
    if (words !== null) return words
  }
  return null
}

const shorten = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 497)}...`)
