/** Turns a request that does not fit its schema into a problem that names every bad field, and hides our own faults. */
import { Cause, Effect, ErrorReporter, SchemaIssue } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { HttpServerRespondable } from "effect/http"
import { InvalidRequest, Problem } from "../problems/Problem.ts"

export class InternalError extends Problem<InternalError>()("InternalError", {
  code: "internal-error",
  status: 500,
  title: "Tendarr failed; its log says why"
}) {}

export class ValidationProblems extends HttpApiMiddleware.Service<ValidationProblems>()(
  "tendarr/api/ValidationProblems",
  {
    error: [InvalidRequest, InternalError]
  }
) {}

export const ValidationProblemsLive = HttpApiMiddleware.layerSchemaErrorTransform(ValidationProblems, (error) => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") {
    return Effect.andThen(
      ErrorReporter.report(Cause.fail(error)),
      HttpServerRespondable.toResponse(new InternalError({}))
    )
  }
  const slot = error.kind.toLowerCase()
  const errors = formatIssues(error.cause.issue).issues.map((issue) => ({
    path: [slot, ...(issue.path ?? []).map(toStep)],
    message: issue.message
  }))
  const first = errors[0]
  return Effect.fail(
    new InvalidRequest({
      detail: first === undefined ? "The request does not fit" : `${first.path.join(".")}: ${first.message}`,
      errors
    })
  )
})

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const toStep = (segment: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof segment === "object" ? segment.key : segment
  return typeof key === "number" ? key : String(key)
}
