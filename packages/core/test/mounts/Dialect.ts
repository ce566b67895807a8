/**
 * The API of a made-up product with its own key header, errors and numbered pages. It uses only public modules, like a mount
 * that is written outside of Tendarr.
 */
import { Effect, Layer, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { CurrentPrincipal } from "../../src/access/Scope.ts"
import { edgeWith, usualAccess } from "../../src/api/Edge.ts"
import { endpointsOf, methodsOf } from "../../src/api/Methods.ts"
import { ExternalBase, type LoadedMount } from "../../src/api/Mount.ts"
import { openApiOf, openApiText } from "../../src/api/OpenApiDocument.ts"
import { Library } from "../../src/library/Library.ts"
import type { MountServices } from "../../src/server/Mounts.ts"
import { windowOfPage } from "../../src/storage/Pages.ts"

const Film = Schema.Struct({ id: Schema.Int, name: Schema.String, bytes: Schema.Finite })

const Numbered = Schema.FiniteFromString.check(Schema.isInt())

class FilmsApi extends HttpApiGroup.make("films").add(
  HttpApiEndpoint.get("list", "/v2/films", {
    query: { page: Schema.optionalKey(Numbered), page_size: Schema.optionalKey(Numbered) },
    success: Schema.Struct({
      page: Schema.Int,
      page_size: Schema.Int,
      total: Schema.Int,
      films: Schema.Array(Film)
    })
  }),
  HttpApiEndpoint.get("one", "/v2/films/:id", { params: { id: Schema.String }, success: Film }),
  HttpApiEndpoint.post("note", "/v2/films", {
    payload: Schema.Struct({ text: Schema.String }),
    success: Schema.Struct({ by: Schema.String })
  }),
  HttpApiEndpoint.get("hello", "/v2/hello", { success: Schema.Struct({ at: Schema.String }) }),
  HttpApiEndpoint.get("broken", "/v2/broken", { success: Schema.Struct({ never: Schema.String }) })
) {}

class DialectApi extends HttpApi.make("dialect").add(FilmsApi) {}

const toFilm = (item: { readonly id: string; readonly title: string; readonly sizeBytes: number }) => ({
  id: Number(item.id),
  name: item.title,
  bytes: item.sizeBytes
})

const Handlers = HttpApiBuilder.group(
  DialectApi,
  "films",
  Effect.fn(function* (handlers) {
    const library = yield* Library
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const { page = 0, page_size: pageSize = 25 } = query
        const window = yield* Effect.orDie(windowOfPage({ page, pageSize, first: 0 }, { most: 100 }))
        const { items, total } = yield* library.counted({ sort: "title" }, window)
        return { page, page_size: pageSize, total, films: items.map(toFilm) }
      }),
      one: ({ params }) => Effect.orDie(Effect.map(library.get(params.id), toFilm)),
      note: () => Effect.map(CurrentPrincipal, ({ name }) => ({ by: name })),
      hello: () => Effect.map(ExternalBase, (at) => ({ at })),
      broken: () => Effect.die(new Error("the handler broke"))
    })
  })
)

/** Records that the module was loaded. */
Reflect.set(globalThis, "dialectLoaded", true)

export const dialect: LoadedMount<MountServices> = {
  routes: HttpApiBuilder.layer(DialectApi).pipe(Layer.provide(Handlers)),
  edge: edgeWith({
    methodsOf: methodsOf(() => endpointsOf(DialectApi)),
    refuse: ({ detail, status, title }) =>
      HttpServerResponse.jsonUnsafe({ error: detail ?? title, status }, { status, contentType: "application/json" }),
    cors: null,
    bodies: { most: 1000, byPath: {} },
    headers: { "x-frame-options": "SAMEORIGIN", "www-authenticate": null, "x-served-by": "dialect" },
    access: {
      ...usualAccess,
      credentials: [{ in: "header", name: "X-Dialect-Token" }, { in: "session" }],
      isOpen: ({ path }) => path === "/v2/hello" || path === "/v2/openapi.json"
    },
    openApi: { path: "/v2/openapi.json", text: openApiText(() => openApiOf(DialectApi)) }
  })
}
