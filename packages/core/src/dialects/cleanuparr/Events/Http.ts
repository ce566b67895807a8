import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { type DatedStrike, DownloadStats, type StruckDownload } from "../../../downloads/DownloadStats.ts"
import { DownloadViews } from "../../../downloads/DownloadViews.ts"
import { Activity, type ActivityEntry } from "../../../system/Activity.ts"
import { type NumberedPage, numberedPage } from "../../frame/Paging.ts"
import { clamped, refusing } from "../../frame/Values.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"
import {
  eventTypeOf,
  eventTypes,
  faultsOf,
  ourEventTypes,
  selectionOf,
  severities,
  severityNameOf,
  severityOf,
  strikeTypeOf,
  strikeTypes
} from "../Terms.ts"

const bounds = { first: 1, usual: 50, most: 500 } as const

/** Page 0 is the first, and sizes beyond the bounds are the bounds, as in Cleanuparr. */
const pageIn = (query: { readonly page?: number; readonly pageSize?: number }) => ({
  page: query.page === 0 ? 1 : query.page,
  limit: clamped(query.pageSize ?? bounds.usual, 1, bounds.most)
})

const toPage = <A>({ items, limit, page, total, totalPages }: NumberedPage<A>) => ({
  items,
  page,
  pageSize: limit,
  totalCount: total,
  totalPages
})

export const EventsHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "events",
  Effect.fn(function* (handlers) {
    const activity = yield* Activity
    const stats = yield* DownloadStats
    const views = yield* DownloadViews
    return handlers.handleAll({
      events: ({ query }) =>
        refusing(
          Effect.gen(function* () {
            const wanted = {
              ...(selectionOf(query.eventType) ?? { types: ourEventTypes }),
              severities: severityOf(query.severity),
              search: query.search,
              since: query.fromDate,
              until: query.toDate
            }
            return toPage(
              yield* numberedPage(pageIn(query), bounds, (window) => activity.page(wanted, window), toEvent)
            )
          })
        ),
      eventTypes: () => Effect.succeed(eventTypes),
      severities: () => Effect.succeed(severities),
      strikes: ({ query }) =>
        refusing(
          Effect.map(
            numberedPage(
              pageIn(query),
              bounds,
              (window) => stats.struck({ search: query.search, faults: faultsOf(query.type) }, window),
              toStruck
            ),
            toPage
          )
        ),
      recent: ({ query }) =>
        Effect.map(stats.recentStrikes(null, clamped(query.count ?? 5, 1, 50)), (found) =>
          found.map(({ clientId, name, ...strike }) => {
            const { createdAt, id, isDryRun, type } = toStrike({ ...strike, clientId, name })
            return { id, type, createdAt, downloadId: clientId, title: name, isDryRun }
          })
        ),
      strikeTypes: () => Effect.succeed(strikeTypes),
      forgive: ({ params }) => refusing(Effect.asVoid(views.forgive(params.downloadItemId)))
    })
  })
)

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null)

const toEvent = ({ at, id, message, payload, severity, type }: ActivityEntry) => {
  const because = textOf(payload["because"])
  const { fault, strikes } = payload
  return {
    id,
    timestamp: at,
    eventType: eventTypeOf(type, String(fault)),
    message,
    severity: severityNameOf(severity),
    trackingId: null,
    strikeId: null,
    jobRunId: null,
    arrInstanceId: null,
    downloadClientId: null,
    searchStatus: null,
    completedAt: null,
    cycleId: null,
    isDryRun: false as const,
    itemTitle: textOf(payload["name"]),
    itemHash: null,
    strikeCount: typeof strikes === "number" ? strikes : null,
    failedImportReasons: fault === "failed-import" && because !== null ? [because] : [],
    deleteReason: null,
    removeFromClient: null,
    cleanReason: null,
    grabbedItems: []
  }
}

const toStrike = ({ at, doneBytes, fault, id }: DatedStrike) => ({
  id,
  type: strikeTypeOf(fault),
  createdAt: at,
  lastDownloadedBytes: doneBytes,
  jobRunId: null,
  isDryRun: false as const
})

const toStruck = ({ clientId, downloadId, goneAt, isRemoved, name, strikes }: StruckDownload) => {
  const counts = new Map<string, number>()
  for (const { fault } of strikes) counts.set(strikeTypeOf(fault), (counts.get(strikeTypeOf(fault)) ?? 0) + 1)
  return {
    downloadItemId: downloadId,
    downloadId: clientId,
    title: name,
    totalStrikes: strikes.length,
    strikesByType: Object.fromEntries(counts),
    latestStrikeAt: strikes[0]?.at ?? null,
    firstStrikeAt: strikes.at(-1)?.at ?? null,
    isMarkedForRemoval: false,
    isRemoved,
    isReturning: isRemoved && goneAt === null,
    hasDryRunStrikes: false as const,
    strikes: strikes.map(toStrike)
  }
}
