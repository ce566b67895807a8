import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DownloadStats } from "../../downloads/DownloadStats.ts"
import { ImportViews } from "../../downloads/imports/ImportViews.ts"
import { BlockedViews } from "../../downloads/malware/BlockedViews.ts"
import { DownloadViews } from "../../downloads/DownloadViews.ts"
import { Api } from "../Api.ts"

export const DownloadsHandlers = HttpApiBuilder.group(
  Api,
  "downloads",
  Effect.fn(function* (handlers) {
    const downloads = yield* DownloadViews
    const blocked = yield* BlockedViews
    const imports = yield* ImportViews
    const stats = yield* DownloadStats
    return handlers.handleAll({
      list: ({ query }) => downloads.page(query),
      get: ({ params }) => downloads.get(params.id),
      forgive: ({ params }) => downloads.forgive(params.id),
      stats: ({ query }) => stats.figures(query),
      timeline: ({ query }) => stats.timeline(query),
      blocked: ({ query }) => blocked.page(query),
      imports: ({ query }) => imports.page(query),
      clients: () => Effect.map(downloads.clients, (items) => ({ items: [...items] }))
    })
  })
)
