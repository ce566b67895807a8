/** Why a request is refused, independent of the error format of a mount. */
import { Effect, Predicate } from "effect"
import { HttpServerRespondable, HttpServerResponse } from "effect/http"
import type { Issue } from "../problems/Problem.ts"

export interface Refusal {
  readonly status: number
  /** Stable, in lower-kebab-case: `not-found`. */
  readonly code: string
  readonly title: string
  /** What is wrong with this particular request; `null` if the title is enough. */
  readonly detail: string | null
  /** Every invalid value of the request. */
  readonly issues: ReadonlyArray<Issue>
  /** When to try again; `null` = unknown. */
  readonly retryAfterSeconds: number | null
  /** The response of the native API. */
  readonly problem: HttpServerResponse.HttpServerResponse
}

/** A refusal that is not a domain problem. */
export const bareRefusal = (status: number, code: string, title: string, detail: string): Refusal => ({
  status,
  code,
  title,
  detail,
  issues: [],
  retryAfterSeconds: null,
  problem: HttpServerResponse.jsonUnsafe(
    { type: `urn:tendarr:problem:${code}`, status, title, detail, code },
    { status, contentType: "application/problem+json" }
  )
})

/** The common part of the classes made by `Problem`. */
export interface SomeProblem extends HttpServerRespondable.Respondable {
  readonly status: number
  readonly code: string
  readonly title: string
}

export const isProblem = (error: unknown): error is SomeProblem =>
  HttpServerRespondable.isRespondable(error) &&
  Predicate.hasProperty(error, "status") &&
  typeof error.status === "number" &&
  Predicate.hasProperty(error, "code") &&
  typeof error.code === "string" &&
  Predicate.hasProperty(error, "title") &&
  typeof error.title === "string"

export const refusalOf = (problem: SomeProblem): Effect.Effect<Refusal> =>
  Effect.map(HttpServerRespondable.toResponse(problem), (answer) => ({
    status: problem.status,
    code: problem.code,
    title: problem.title,
    detail: Predicate.hasProperty(problem, "detail") && typeof problem.detail === "string" ? problem.detail : null,
    issues: Predicate.hasProperty(problem, "errors") && Array.isArray(problem.errors) ? problem.errors : [],
    retryAfterSeconds:
      Predicate.hasProperty(problem, "retryAfterSeconds") && typeof problem.retryAfterSeconds === "number"
        ? problem.retryAfterSeconds
        : null,
    problem: answer
  }))
