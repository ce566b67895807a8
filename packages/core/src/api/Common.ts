/** Shared by the endpoint groups: paging, paths, preconditions, and the scope that an endpoint needs. */
import { Context, Effect, Option, Schema } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { type HttpApiEndpoint, OpenApi } from "effect/http-api"
import type { Scope } from "../access/Scope.ts"
import { versionIn } from "../problems/IfMatch.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { maximumPageSize } from "../storage/Pages.ts"

/** Scope that an endpoint needs. Default: `read` for safe methods, `operate` for all others. */
export class NeedsScope extends Context.Service<NeedsScope, Scope>()("tendarr/api/NeedsScope") {}

export const safeMethods = new Set<string>(["GET", "HEAD", "OPTIONS"])

export const scopeOf = (endpoint: HttpApiEndpoint.Top): Scope =>
  Option.getOrElse(Context.getOption(endpoint.annotations, NeedsScope), () =>
    safeMethods.has(endpoint.method) ? ("read" as const) : ("operate" as const)
  )

/** Summary and description of an endpoint. */
export const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description === undefined ? {} : { description }) })

export const Limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maximumPageSize })).annotate({
  description: `Entries per page, 1 to ${maximumPageSize}; 50 by default.`
})

/** Query of a list. */
export const paging = {
  limit: Schema.optionalKey(Limit),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.isMaxLength(1000)).annotate({ description: "`nextCursor` of the previous page." })
  )
}

export const pageOf = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String) })

/** A list that is short enough to be returned without paging. */
export const listOf = <S extends Schema.Constraint>(item: S) => Schema.Struct({ items: Schema.Array(item) })

export const toList = <A>(items: ReadonlyArray<A>): { readonly items: ReadonlyArray<A> } => ({ items })

/** The search of lists whose entries have a title. */
export const TitleWords = Schema.String.check(Schema.isMaxLength(200)).annotate({
  description: "Words of the title; the last word may be incomplete."
})

export const Id = Schema.String.check(Schema.isBetweenLength(1, 100))
export const idPath = { id: Id }

/** `If-Match` of a resource whose ETag is its version: `"3"`. */
export const preconditions = {
  "if-match": Schema.optionalKey(
    Schema.String.check(Schema.isMaxLength(100)).annotate({
      description:
        "The ETag of the version that was read. If it is no longer the current one, the request is refused with 412."
    })
  )
}

export const expectedVersion = (headers: {
  readonly "if-match"?: string
}): Effect.Effect<number | undefined, InvalidRequest> => {
  const version = versionIn(headers["if-match"])
  return version === null
    ? Effect.fail(invalidField(["headers", "if-match"], 'must be an ETag such as "3"'))
    : Effect.succeed(version)
}

/** Adds the ETag of the returned value. */
export const withEtag = <A, E, R>(effect: Effect.Effect<A, E, R>, etagOf: (value: A) => string) =>
  Effect.tap(effect, (value) =>
    HttpEffect.appendPreResponseHandler((_request, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, "etag", etagOf(value)))
    )
  )

/** The same for values that carry their own ETag. */
export const tagged = <A extends { readonly etag: string }, E, R>(effect: Effect.Effect<A, E, R>) =>
  withEtag(effect, ({ etag }) => etag)

/** The size that the sender of a body declared. */
export const declaredLength = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null
