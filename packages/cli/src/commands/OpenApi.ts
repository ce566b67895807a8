/** `tendarr openapi`: the OpenAPI document of a server or of this program. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { placeOf } from "../connection/Place.ts"
import { outputFlag, putDocument } from "../Documents.ts"
import { toFailure, unknownAnswer } from "../Failure.ts"
import { root } from "../Root.ts"

export const openapi = Command.make("openapi", { output: outputFlag }, ({ output }) =>
  Effect.gen(function* () {
    const place = yield* placeOf(yield* root, process.env)
    const document = place._tag === "Server" ? yield* documentAt(place.url) : yield* ownDocument
    yield* putDocument(output, JSON.stringify(document, null, 2))
  })
).pipe(
  Command.withDescription("The OpenAPI document of the server at --url, otherwise of this program; needs no server"),
  Command.withShortDescription("Print the OpenAPI document"),
  Command.withExamples([
    { command: "tendarr openapi --output openapi.json", description: "Of this program" },
    { command: "tendarr openapi --url http://nas:8787", description: "Of a server; needs no key" }
  ])
)

const ownDocument = Effect.map(
  Effect.promise(() => import("@tendarr/core/api/OpenApiDocument")),
  ({ OpenApiDocument }): unknown => OpenApiDocument.value()
)

const documentAt = (url: string) =>
  Effect.tryPromise({
    try: async (signal): Promise<unknown> => {
      const response = await fetch(`${url}/openapi.json`, { signal, redirect: "error" })
      const document: unknown = response.ok ? await response.json() : null
      if (typeof document === "object" && document !== null && "openapi" in document) return document
      throw unknownAnswer(url, `it answered with status ${response.status} and no OpenAPI document`)
    },
    catch: (error) => toFailure(error, url)
  })
