/**
 * RFC 9457 problems with a stable `code`. A domain error declared here carries its HTTP status into every HTTP API, so
 * no handler maps errors.
 */
import { Schema } from "effect"
import { HttpApiError } from "effect/http-api"

/** One invalid value of a request: its location (the slot first, then the path within it) and what is wrong with it. */
export const Issue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])),
  message: Schema.String
})
export type Issue = typeof Issue.Type

/**
 * Declares a typed problem: an error with a status and a stable code, answered as `application/problem+json` wherever it
 * leaves a handler.
 *
 * @example
 * ```ts
 * import { Problem } from "@tendarr/core/problems/Problem"
 * import { Effect, Schema } from "effect"
 *
 * export class ShelfFull extends Problem<ShelfFull>()(
 *   "ShelfFull",
 *   { code: "shelf-full", status: 409, title: "There is no room on the shelf" },
 *   { shelf: Schema.String }
 * ) {}
 *
 * export const put = (shelf: string) => Effect.fail(new ShelfFull({ shelf }))
 * ```
 */
export const Problem =
  <Self>() =>
  <
    const Tag extends string,
    const Code extends string,
    const Status extends number,
    const Fields extends HttpApiError.ProblemExtensionFields = {}
  >(
    tag: Tag,
    declaration: { readonly code: Code; readonly status: Status; readonly title: string },
    fields?: Fields
  ) =>
    HttpApiError.Problem<Self>()(
      tag,
      { type: `urn:tendarr:problem:${declaration.code}`, status: declaration.status, title: declaration.title },
      { ...(fields as Fields), code: Schema.tag(declaration.code) }
    )

/** A request whose values are well-typed but contradict each other, or that names something that does not exist. */
export class InvalidRequest extends Problem<InvalidRequest>()(
  "InvalidRequest",
  { code: "invalid-request", status: 400, title: "The request is not valid" },
  { detail: Schema.String, errors: Schema.Array(Issue) }
) {}

/** Builds an `InvalidRequest` for one field. */
export const invalidField = (path: Issue["path"], message: string): InvalidRequest =>
  new InvalidRequest({ detail: `${path.join(".")}: ${message}`, errors: [{ path, message }] })
