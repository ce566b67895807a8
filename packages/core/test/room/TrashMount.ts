/** The API of another product for the trash: one call, with errors as plain text with their own codes. */
import { Effect, Layer, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { edgeWith } from "../../src/api/Edge.ts"
import { endpointsOf, methodsOf } from "../../src/api/Methods.ts"
import type { LoadedMount } from "../../src/api/Mount.ts"
import type { MountServices } from "../../src/server/Mounts.ts"
import { trash } from "./Trash.ts"

class FilesApi extends HttpApiGroup.make("files").add(
  HttpApiEndpoint.get("list", "/files", { success: Schema.Struct({ files: Schema.Array(Schema.String) }) })
) {}

class TrashApi extends HttpApi.make("trash").add(FilesApi) {}

const Handlers = HttpApiBuilder.group(TrashApi, "files", (handlers) =>
  handlers.handleAll({
    list: () => Effect.sync(() => ({ files: [...trash.values()].flatMap((files) => files.map(({ name }) => name)) }))
  })
)

export const mounted: LoadedMount<MountServices> = {
  routes: HttpApiBuilder.layer(TrashApi).pipe(Layer.provide(Handlers)),
  edge: edgeWith({
    methodsOf: methodsOf(() => endpointsOf(TrashApi)),
    refuse: ({ status, title }) => HttpServerResponse.text(`E${status}: ${title}`, { status }),
    textErrors: true
  })
}
