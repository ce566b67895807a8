/** Three hundred endpoints with schemas, as many as several products have together. */
import { Effect, Schema } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { edgeWith } from "../../src/api/Edge.ts"
import { methodsOf } from "../../src/api/Methods.ts"
import type { LoadedMount } from "../../src/api/Mount.ts"
import type { MountServices } from "../../src/server/Mounts.ts"

const endpoints = Array.from({ length: 300 }, (_, at) => {
  const Thing = Schema.Struct({ id: Schema.String, [`field${at}`]: Schema.optionalKey(Schema.String) })
  return {
    path: `/things${at}/:id` as const,
    answer: Effect.flatMap(HttpRouter.schemaPathParams(Thing), (thing) => HttpServerResponse.schemaJson(Thing)(thing))
  }
})

/** Records that the module was loaded. */
Reflect.set(globalThis, "manyLoaded", true)

export const manyEndpoints: LoadedMount<MountServices> = {
  routes: HttpRouter.addAll(endpoints.map(({ answer, path }) => HttpRouter.route("GET", path, answer))),
  edge: edgeWith({ methodsOf: methodsOf(() => endpoints.map(({ path }) => ({ method: "GET", path }))) })
}
