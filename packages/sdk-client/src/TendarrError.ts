/** What a call rejects with when Tendarr answered with a problem (RFC 9457). */

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

export class TendarrError extends Error {
  override readonly name = "TendarrError"
  readonly status: number
  /** The `code` of the problem; `unknown` when something before Tendarr answered, such as a proxy. */
  readonly code: string
  readonly problem: ProblemDetails | null
  /** Bad values of the request. */
  readonly errors: ReadonlyArray<ProblemIssue>
  readonly method: string
  readonly url: string

  constructor(body: unknown, response: Response, request: Request | undefined) {
    const problem = isProblem(body) ? body : null
    super(problem?.detail ?? problem?.title ?? `HTTP ${response.status}`)
    this.status = response.status
    this.code = problem?.code ?? "unknown"
    this.problem = problem
    this.errors = problem?.errors ?? []
    this.method = request?.method ?? ""
    this.url = request?.url ?? response.url
  }
}

const isProblem = (body: unknown): body is ProblemDetails =>
  typeof body === "object" && body !== null && "code" in body && typeof body.code === "string" && "title" in body
