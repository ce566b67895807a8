/**
 * The native API as a mount: its routes, its document and reference page, and the edge that is the default for other
 * mounts.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "./Api.ts"
import { AuthorizationLive } from "./AuthorizationLive.ts"
import { edgeWith } from "./Edge.ts"
import { Handlers } from "./Handlers.ts"
import { endpointsOf, methodsOf } from "./Methods.ts"
import { ExternalBase, type Mount } from "./Mount.ts"
import { OpenApiDocument } from "./OpenApiDocument.ts"
import { referencePage } from "./Reference.ts"
import { referencePolicy } from "./Reference/Look.ts"
import { maximumBodyBytes } from "./RequestBody.ts"
import { ValidationProblemsLive } from "./ValidationProblems.ts"

const ApiRoutes = HttpApiBuilder.layer(Api).pipe(
  Layer.provide(Handlers),
  Layer.provide([AuthorizationLive, ValidationProblemsLive])
)

/** Rendered on first use, per base path. */
const pages = new Map<string, string>()

const pageAt = (base: string): string => {
  const page = pages.get(base) ?? referencePage(OpenApiDocument.value(), base)
  pages.set(base, page)
  return page
}

const PageRoutes = Layer.mergeAll(
  HttpRouter.add(
    "GET",
    "/docs",
    Effect.map(ExternalBase, (base) =>
      HttpServerResponse.text(pageAt(base), {
        contentType: "text/html; charset=utf-8",
        headers: { "cache-control": "no-cache", "content-security-policy": referencePolicy }
      })
    )
  ),
  HttpRouter.add(
    "GET",
    "/",
    Effect.map(ExternalBase, (base) => HttpServerResponse.redirect(`${base}/docs`))
  )
)

const routes = Layer.merge(ApiRoutes, PageRoutes)

/** Services that the native API needs from Tendarr and from the runtime. */
export type NativeServices = Exclude<
  | HttpRouter.Request.Without<Layer.Services<typeof routes>>
  | HttpRouter.Request.Only<"Requires", Layer.Services<typeof routes>>,
  HttpRouter.HttpRouter
>

const edge = edgeWith({
  methodsOf: methodsOf(() => [...endpointsOf(Api), { method: "GET", path: "/" }, { method: "GET", path: "/docs" }]),
  access: "by-routes",
  bodies: {
    most: maximumBodyBytes,
    byPath: {
      "POST /api/v1/backups/upload": null,
      "POST /api/v1/moving-in/previews": null,
      // The document may contain the protections of a whole library.
      "POST /api/v1/settings/import": 8 * maximumBodyBytes
    }
  },
  openApi: { path: "/openapi.json", text: OpenApiDocument.text }
})

export const nativeMount: Mount<NativeServices> = {
  name: "native",
  prefix: "",
  // It is always on, so nothing is loaded lazily.
  load: () => Promise.resolve({ routes, edge }),
  keeps: ["/api/v1", "/docs", "/openapi.json"]
}
