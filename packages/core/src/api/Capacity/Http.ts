import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { DiskGroups } from "../../capacity/DiskGroups.ts"
import { Preview } from "../../capacity/Preview.ts"
import { Api } from "../Api.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { expectedVersion, toList, withEtag } from "../Common.ts"

export const CapacityHandlers = HttpApiBuilder.group(
  Api,
  "capacity",
  Effect.fn(function* (handlers) {
    const diskGroups = yield* DiskGroups
    const preview = yield* Preview
    return handlers.handleAll({
      diskGroups: () => Effect.map(diskGroups.list, toList),
      diskGroup: ({ params }) => withEtag(diskGroups.get(params.id), versionTag),
      updateDiskGroup: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => diskGroups.update(params.id, payload, version)),
          versionTag
        ),
      resume: ({ params }) => diskGroups.resume(params.id),
      merge: ({ params, payload }) => diskGroups.merge(params.id, payload.diskGroupId),
      split: ({ params, payload }) => diskGroups.split(params.id, payload.diskGroupId),
      rootFolders: () => Effect.map(diskGroups.rootFolders, toList),
      usage: ({ params, query }) => Effect.map(diskGroups.usage(params.id, query), toList),
      preview: ({ query }) =>
        Effect.map(preview.encodedPage(query), (page) =>
          HttpServerResponse.uint8Array(page, { contentType: "application/json" })
        ),
      previewItems: ({ query }) =>
        Effect.map(preview.encodedItems(query), (lines) =>
          HttpServerResponse.stream(lines, { contentType: "application/x-ndjson" })
        )
    })
  })
)
