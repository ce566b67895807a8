/**
 * What every call rejects with: a problem that Tendarr answered (RFC 9457), or that no answer came, with one stable code
 * for each.
 */
import { isNetworkError, isTimeoutError } from "ky"
import type { TendarrProblem } from "./generated/problems.gen.ts"

export type { TendarrProblem }

/** One bad value of a request. */
export interface ProblemIssue {
  /** Where it stands: `payload`, `query`, `params` or `headers` first, then the path within. */
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  /** Stable; what a program decides by. */
  readonly code: string
  readonly detail?: string
  readonly errors?: ReadonlyArray<ProblemIssue>
  readonly [extension: string]: unknown
}

/** The codes of Tendarr's own problems. */
export type ProblemCode = TendarrProblem["code"]

/**
 * Codes of what is no problem of Tendarr's: `network` = no answer came or it broke off; `timeout` = none came in time;
 * `aborted` = the caller's signal; `redirected` = the address answered with another one, which is never followed;
 * `unreadable` = a good answer that is not what the API promises; `unknown` = a bad one that no Tendarr wrote, such as
 * a proxy's.
 */
export type TransportCode = "network" | "timeout" | "aborted" | "redirected" | "unreadable" | "unknown"

export interface TendarrErrorOptions {
  /** What the server answered. */
  readonly body?: unknown
  readonly response?: Response | undefined
  readonly request?: { readonly method: string; readonly url: string } | undefined
  /** What stands in the way when there is no problem. */
  readonly code?: TransportCode
  readonly message?: string
  readonly cause?: unknown
}

export class TendarrError extends Error {
  override readonly name = "TendarrError"
  /** Of the answer; 0 when there is none. */
  readonly status: number
  readonly code: ProblemCode | TransportCode | (string & {})
  readonly problem: ProblemDetails | null
  /** Bad values of the request. */
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

  /** Bad values by their path, joined by dots: `{ "query.limit": ["…"] }`. */
  get errorsByPath(): Readonly<Record<string, ReadonlyArray<string>>> {
    const byPath: Record<string, Array<string>> = {}
    for (const { message, path } of this.errors) (byPath[path.join(".")] ??= []).push(message)
    return byPath
  }
}

/**
 * Whether an error is Tendarr's, and of one of these codes. Of a problem it knows the fields:
 * `if (isTendarrError(error, "item-not-found")) error.problem.itemId`.
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

/** What an answer that is not as asked for means. */
export const errorOfAnswer = (
  body: unknown,
  response: Response,
  request: TendarrErrorOptions["request"]
): TendarrError =>
  isRedirect(response)
    ? new TendarrError({ response, request, code: "redirected", message: redirected })
    : new TendarrError({ body, response, request })

/** What a failure to get an answer, or to read it, means. */
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

/** Mistakes in how a call was written, such as an address that is none, are no failures of the network. */
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
