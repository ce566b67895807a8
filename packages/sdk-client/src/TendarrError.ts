/** The error of every call: a problem from Tendarr (RFC 9457), or the lack of a response, each with a stable code. */
import { isNetworkError, isTimeoutError } from "ky"
import type { TendarrProblem } from "./generated/problems.gen.ts"

export type { TendarrProblem }

/** One invalid value of a request. */
export interface ProblemIssue {
  /** Its location: `payload`, `query`, `params` or `headers` first, then the path within. */
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  /** Stable; programs should distinguish errors by it. */
  readonly code: string
  readonly detail?: string
  readonly errors?: ReadonlyArray<ProblemIssue>
  readonly [extension: string]: unknown
}

/** The codes of Tendarr's own problems. */
export type ProblemCode = TendarrProblem["code"]

/**
 * Codes of errors other than Tendarr's problems: `network` = there was no response, or it was interrupted; `timeout` =
 * there was no response in time; `aborted` = the caller's signal; `redirected` = the server responded with a redirect,
 * which is never followed; `unreadable` = a successful response that does not match the API; `unknown` = an error
 * response that is not from Tendarr, such as a proxy's.
 */
export type TransportCode = "network" | "timeout" | "aborted" | "redirected" | "unreadable" | "unknown"

export interface TendarrErrorOptions {
  /** The body of the response. */
  readonly body?: unknown
  readonly response?: Response | undefined
  readonly request?: { readonly method: string; readonly url: string } | undefined
  /** The reason, if there is no problem. */
  readonly code?: TransportCode
  readonly message?: string
  readonly cause?: unknown
}

export class TendarrError extends Error {
  override readonly name = "TendarrError"
  /** Status of the response; 0 without one. */
  readonly status: number
  readonly code: ProblemCode | TransportCode | (string & {})
  readonly problem: ProblemDetails | null
  /** Invalid values of the request. */
  readonly errors: ReadonlyArray<ProblemIssue>
  readonly method: string
  readonly url: string
  /** Milliseconds that the server asked to wait before another attempt (`Retry-After`). */
  readonly retryAfterMillis: number | null

  constructor(options: TendarrErrorOptions) {
    const { body, cause, code, message, request, response } = options
    const problem = isProblem(body) ? body : null
    const status = response?.status ?? 0
    super(problem?.detail ?? problem?.title ?? message ?? `HTTP ${status}`, cause === undefined ? {} : { cause })
    this.status = status
    this.code = problem?.code ?? code ?? "unknown"
    this.problem = problem
    this.errors = problem?.errors ?? []
    this.method = request?.method ?? ""
    this.url = request?.url ?? response?.url ?? ""
    this.retryAfterMillis = retryAfterMillis(response?.headers.get("retry-after") ?? null)
  }

  /** Invalid values by their path, joined by dots: `{ "query.limit": ["…"] }`. */
  get errorsByPath(): Readonly<Record<string, ReadonlyArray<string>>> {
    const byPath: Record<string, Array<string>> = {}
    for (const { message, path } of this.errors) (byPath[path.join(".")] ??= []).push(message)
    return byPath
  }
}

/**
 * Whether an error is a `TendarrError` with one of these codes. Narrows the type of its problem: `if
 * (isTendarrError(error, "item-not-found")) error.problem.itemId`.
 */
export const isTendarrError = <Code extends ProblemCode | TransportCode = never>(
  error: unknown,
  ...codes: ReadonlyArray<Code>
): error is [Code] extends [never] ? TendarrError : TendarrErrorOf<Code> =>
  error instanceof TendarrError && (codes.length === 0 || codes.some((code) => code === error.code))

export type TendarrErrorOf<Code extends ProblemCode | TransportCode> = TendarrError & {
  readonly code: Code
  readonly problem: Code extends ProblemCode ? Extract<TendarrProblem, { readonly code: Code }> : null
}

/** The error for an unexpected response. */
export const errorOfAnswer = (
  body: unknown,
  response: Response,
  request: TendarrErrorOptions["request"]
): TendarrError =>
  isRedirect(response)
    ? new TendarrError({ response, request, code: "redirected", message: redirected })
    : new TendarrError({ body, response, request })

/** The error for a failure to get a response, or to read it. */
export const errorOfFailure = (
  cause: unknown,
  context: {
    readonly response?: Response | undefined
    readonly request?: TendarrErrorOptions["request"]
    readonly signal?: AbortSignal | null | undefined
  }
): TendarrError => {
  if (cause instanceof TendarrError) return cause
  const { request, response } = context
  const error = (code: TransportCode, message: string) => new TendarrError({ cause, request, response, code, message })
  if (context.signal?.aborted === true) return error("aborted", "The call was aborted")
  if (isTimeoutError(cause)) return error("timeout", "Tendarr did not answer in time")
  if (cause instanceof SyntaxError) return error("unreadable", "The answer is not JSON")
  if (response === undefined && !isNetworkError(cause) && isCallers(cause)) throw cause
  return error("network", response === undefined ? "Tendarr cannot be reached" : "The answer broke off")
}

export const isRedirect = (response: Response): boolean =>
  response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)

const redirected = "The address answers with another one, which is not followed since it would get the key"

/** Errors in how a call was written, such as an invalid address, are not network errors. */
const isCallers = (cause: unknown): boolean =>
  cause instanceof TypeError && /invalid url|cannot be parsed|failed to parse url/i.test(cause.message)

const isProblem = (body: unknown): body is ProblemDetails =>
  typeof body === "object" && body !== null && "code" in body && typeof body.code === "string" && "title" in body

/** Seconds, or a date. */
const retryAfterMillis = (value: string | null): number | null => {
  if (value === null) return null
  const millis = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(millis) ? null : Math.max(0, millis)
}
