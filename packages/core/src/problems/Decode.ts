/**
 * Decodes a caller's input into a domain type, or refuses it, naming every invalid value by its path. Keys that the
 * schema does not know are refused too: a misspelt setting must not be dropped silently.
 */
import { Effect, Result, Schema, SchemaIssue } from "effect"
import { InvalidRequest, type Issue } from "./Problem.ts"

/** Builds a decoder; `slot` is the part of the request that holds the value (`payload`, `query`, `params`). */
export const decodeRequest = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  slot = "payload"
): ((input: unknown) => Effect.Effect<S["Type"], InvalidRequest>) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })
  return (input) => {
    const decoded = decode(input)
    return Result.isSuccess(decoded)
      ? Effect.succeed(decoded.success)
      : Effect.fail(invalidRequest(issuesOf(decoded.failure.issue, slot)))
  }
}

/** One problem that lists all issues. */
export const invalidRequest = (issues: ReadonlyArray<Issue>): InvalidRequest =>
  new InvalidRequest({
    detail: issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    errors: issues
  })

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === "UnexpectedKey"
      ? "is not a known key"
      : issue._tag === "MissingKey"
        ? "is missing"
        : SchemaIssue.defaultLeafHook(issue)
})

/** Every invalid value of an input, each with its path below `slot`. */
export const issuesOf = (issue: SchemaIssue.Issue, ...slot: ReadonlyArray<string>): ReadonlyArray<Issue> =>
  formatIssues(issue).issues.map(({ path, message }) => ({
    path: [...slot, ...(path ?? []).map(segmentOf)],
    message
  }))

const segmentOf = (segment: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof segment === "object" ? segment.key : segment
  return typeof key === "symbol" ? key.toString() : key
}
