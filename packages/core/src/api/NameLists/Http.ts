import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { NameLists } from "../../downloads/malware/NameLists.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { Api } from "../Api.ts"
import { expectedVersion, toList, withEtag } from "../Common.ts"

export const NameListsHandlers = HttpApiBuilder.group(
  Api,
  "namelists",
  Effect.fn(function* (handlers) {
    const lists = yield* NameLists
    return handlers.handleAll({
      list: () => Effect.map(lists.list, toList),
      create: ({ payload }) => withEtag(lists.create(payload), versionTag),
      get: ({ params }) => withEtag(lists.get(params.id), versionTag),
      entries: ({ params, query }) => lists.entries(params.id, query),
      update: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => lists.update(params.id, payload, version)),
          versionTag
        ),
      refresh: ({ params }) => withEtag(lists.refresh(params.id), versionTag),
      accept: ({ params }) => withEtag(lists.accept(params.id), versionTag),
      remove: ({ params }) => lists.remove(params.id)
    })
  })
)
