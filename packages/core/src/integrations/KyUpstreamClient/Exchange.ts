/**
 * One HTTP exchange through ky: the request, redirects followed by hand, and the body read in chunks within its limit.
 * However the exchange ends, its socket is released.
 */
import { Clock, Effect } from "effect"
import type { KyInstance } from "ky"
import { guard } from "./AddressGuard.ts"
import { mayFollow } from "./Address.ts"
import type { AnswerBound, SendMethod, UpstreamAnswer } from "../Upstream.ts"
import type { SentBody } from "./Body.ts"
import { type Failure, type Failures, isWebPage } from "./Failure.ts"
import { untrusted } from "./Trust.ts"

export interface ExchangeOptions {
  readonly method: "GET" | SendMethod
  /** Whether it changes something. */
  readonly acts: boolean
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly sent: SentBody
  readonly bound: AnswerBound
  /** A fetch that connects only to these addresses. */
  readonly fetchTo: (addresses: ReadonlyArray<string>) => typeof globalThis.fetch
  readonly failures: Failures
  readonly onCall: () => void
  /** Whether a web page is a proper answer. */
  readonly webPage: boolean
  /** The time limit of the request and of each chunk of the response. */
  readonly limited: <A>(effect: Effect.Effect<A, Failure>) => Effect.Effect<A, Failure>
}

/** The body of a successful response. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly headers: Headers
  /** The next chunk, or `null` at the end. Fails if the limit is exceeded or the connection breaks. */
  readonly next: Effect.Effect<Uint8Array | null, Failure>
}

const maxRedirects = 5
const maxErrorBytes = 64 * 1024

/** Sends the request and passes the response to `use` while its body is still being received. */
export const exchange = <A>(
  options: ExchangeOptions,
  use: (answer: Answer) => Effect.Effect<A, Failure>
): Effect.Effect<A, Failure> =>
  Effect.acquireUseRelease(
    Effect.sync(() => ({ abort: new AbortController(), done: false })),
    (connection) =>
      Effect.gen(function* () {
        const response = yield* options.limited(request(options, connection.abort.signal))
        const result = yield* judge(options, response, use)
        connection.done = true
        return result
      }),
    (connection) =>
      Effect.sync(() => {
        if (!connection.done) connection.abort.abort()
      })
  )

/** Reads the rest of a response as text. */
export const readText = Effect.fnUntraced(function* (answer: Answer): Effect.fn.Return<string, Failure> {
  const decoder = new TextDecoder()
  const parts: Array<string> = []
  while (true) {
    const piece = yield* answer.next
    if (piece === null) break
    parts.push(decoder.decode(piece, { stream: true }))
    yield* Effect.yieldNow
  }
  parts.push(decoder.decode())
  return parts.join("")
})

/** Reads the rest of a response. */
export const readBytes = Effect.fnUntraced(function* (answer: Answer): Effect.fn.Return<Uint8Array, Failure> {
  const parts: Array<Uint8Array> = []
  let length = 0
  for (;;) {
    const piece = yield* answer.next
    if (piece === null) break
    parts.push(piece)
    length += piece.byteLength
    yield* Effect.yieldNow
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
})

/** Headers by lower-case name, and cookies by name, without the attributes, which are for browsers. */
export const headersOf = ({ headers }: Answer): Pick<UpstreamAnswer, "headers" | "cookies"> => {
  const { "set-cookie": _cookies, ...others } = Object.fromEntries(headers)
  const cookies = headers.getSetCookie().flatMap((cookie) => {
    const [pair = ""] = cookie.split(";", 1)
    const at = pair.indexOf("=")
    return at < 1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]]
  })
  return { headers: others, cookies: Object.fromEntries(cookies) }
}

const request = Effect.fnUntraced(function* (
  options: ExchangeOptions,
  signal: AbortSignal
): Effect.fn.Return<Response, Failure> {
  const { failures } = options
  let url = options.url
  for (let hop = 0; ; hop += 1) {
    const addresses = yield* Effect.mapError(guard(url), ({ mayPass, reason }) => failures.unreachable(reason, mayPass))
    options.onCall()
    const response = yield* send(options, url, addresses, signal)
    if (response.status < 300 || response.status > 399 || response.status === 304) return response
    yield* discard(response)
    const target = redirectTarget(response, url)
    if (target === null) {
      return yield* Effect.fail(failures.refused(response.status, "it redirects without a target"))
    }
    // The presence of the target was not verified at the other address.
    if (options.method !== "GET" || options.acts) {
      const detail = `it redirects to ${target.protocol}//${target.host}, and requests that change something do not follow redirects; enter that address for the integration`
      return yield* Effect.fail(failures.refused(response.status, detail))
    }
    if (!mayFollow(url, target)) {
      return yield* Effect.fail(failures.refused(response.status, `it redirects to ${target.protocol}//${target.host}`))
    }
    if (hop === maxRedirects) return yield* Effect.fail(failures.refused(response.status, "it redirects in a loop"))
    url = target
  }
})

const send = (
  options: ExchangeOptions,
  url: URL,
  addresses: ReadonlyArray<string>,
  signal: AbortSignal
): Effect.Effect<Response, Failure> =>
  Effect.tryPromise({
    try: async () =>
      (await loadedClient())(url, {
        method: options.method,
        headers:
          options.sent.contentType === undefined
            ? options.headers
            : { "content-type": options.sent.contentType, ...options.headers },
        signal,
        redirect: "manual",
        throwHttpErrors: false,
        fetch: options.fetchTo(addresses),
        ...(options.sent.body === undefined ? {} : { body: options.sent.body })
      }),
    catch: (cause) => {
      const { code, reason } = reasonOf(cause)
      const distrust = untrusted(code, reason, url)
      return distrust === null ? options.failures.unreachable(reason, true) : options.failures.untrusted(distrust)
    }
  })

/** Retries and timeouts are implemented with Effect, so that interruption and the test clock apply to them. */
const loadClient = async (): Promise<KyInstance> => (await import("ky")).default.create({ retry: 0, timeout: false })

let client: Promise<KyInstance> | null = null

/** Loaded for the first call: ky makes a `Request` when it is loaded, for which Node loads 15 MB. */
const loadedClient = (): Promise<KyInstance> => (client ??= loadClient())

const redirectTarget = (response: Response, from: URL): URL | null => {
  const location = response.headers.get("location")
  return location !== null && URL.canParse(location, from) ? new URL(location, from) : null
}

/** Turns a final response into a failure, or passes its body on. */
const judge = Effect.fnUntraced(function* <A>(
  options: ExchangeOptions,
  response: Response,
  use: (answer: Answer) => Effect.Effect<A, Failure>
): Effect.fn.Return<A, Failure> {
  const { failures } = options
  yield* Effect.annotateCurrentSpan("http.response.status_code", response.status)
  const contentType = response.headers.get("content-type") ?? ""
  if (!response.ok) {
    const body = yield* readStart(response)
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.fail(failures.answered(response.status, body, response.headers, now))
  }
  if (!options.webPage && isWebPage("", contentType)) {
    yield* discard(response)
    return yield* Effect.fail(failures.malformed("a web page, probably a wrong base path"))
  }
  const announced = Number(response.headers.get("content-length") ?? "0")
  if (announced > options.bound.bytes) return yield* Effect.fail(failures.malformed(tooLarge(options.bound)))
  const reader = response.body?.getReader()
  let received = 0
  const next: Answer["next"] =
    reader === undefined
      ? Effect.succeed(null)
      : Effect.tryPromise({
          try: () => reader.read(),
          catch: (cause) => failures.unreachable(`the answer broke off (${reasonOf(cause).reason})`, true)
        }).pipe(
          Effect.flatMap(({ done, value }) => {
            if (done) return Effect.succeed(null)
            received += value.byteLength
            return received > options.bound.bytes
              ? Effect.fail(failures.malformed(tooLarge(options.bound)))
              : Effect.succeed(value)
          })
        )
  return yield* use({ status: response.status, contentType, headers: response.headers, next: options.limited(next) })
})

const tooLarge = ({ advice, bytes }: AnswerBound) => {
  const mebibytes = bytes / 1024 ** 2
  const bound = Number.isInteger(mebibytes) ? `${mebibytes} MiB` : `${bytes} bytes`
  return `the answer is larger than ${bound}${advice === null ? "" : `; ${advice}`}`
}

/** The start of an error body; if reading it breaks off, the part received so far is used. */
const readStart = (response: Response): Effect.Effect<string> =>
  Effect.promise(async () => {
    const reader = response.body?.getReader()
    if (reader === undefined) return ""
    const decoder = new TextDecoder()
    let text = ""
    let received = 0
    try {
      while (received < maxErrorBytes) {
        const { done, value } = await reader.read()
        if (done) break
        received += value.byteLength
        text += decoder.decode(value, { stream: true })
      }
      await reader.cancel()
    } catch {
      return text
    }
    return text
  })

const discard = (response: Response): Effect.Effect<void> =>
  Effect.promise(async () => {
    // Cancelling a body that nobody reads may fail; that is harmless.
    await response.body?.cancel().catch(() => undefined)
  })

/** The innermost reason why nothing came back, with its code: fetch wraps it in "fetch failed". */
const reasonOf = (cause: unknown): { readonly code: string | null; readonly reason: string } => {
  if (cause instanceof Error && cause.name === "TimeoutError") return { code: null, reason: "it timed out" }
  const codes: Array<string> = []
  let current: unknown = cause
  let message = "no answer"
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") codes.push(current.code)
    if (current.message !== "") message = current.message
    current = current.cause
  }
  const code = codes.at(-1) ?? null
  return { code, reason: code === null || message.includes(code) ? message : `${message} (${code})` }
}
