import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Library } from "../../library/Library.ts"
import { Protections } from "../../library/Protections.ts"
import { Snapshots } from "../../library/Snapshots.ts"
import { Explain } from "../../removals/Explain.ts"
import { Words } from "../../removals/Words.ts"
import { Api } from "../Api.ts"
import { whole } from "../Common.ts"

export const LibraryHandlers = HttpApiBuilder.group(
  Api,
  "library",
  Effect.fn(function* (handlers) {
    const library = yield* Library
    const protections = yield* Protections
    const snapshots = yield* Snapshots
    const explain = yield* Explain
    const words = yield* Words
    return handlers.handleAll({
      items: ({ query }) => library.page(query),
      item: ({ params }) => library.get(params.id),
      explanation: ({ params }) => explain.item(params.id),
      collections: () => Effect.map(snapshots.collections, whole),
      protections: () => Effect.map(protections.list, whole),
      protect: ({ payload }) => words.protect(payload),
      unprotect: ({ params }) => protections.remove(params.id)
    })
  })
)
