import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { dayMillis, isoOfMillis } from "../../../problems/Instants.ts"
import type { RemovalSummary } from "../../../removals/Removal.ts"
import { type RemovalFilters, Removals } from "../../../removals/Removals.ts"
import { System } from "../../../system/System.ts"
import { numberedPage } from "../../frame/Paging.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { ok } from "../Bodies.ts"
import { removalKinds } from "../../../moving/products/Prunerr/Terms.ts"
import { mediaTypeOf } from "../Lenses.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

const bounds = { first: 1, usual: 20, most: 100 } as const
const rangeDays = { "7d": 7, "30d": 30, "90d": 90 } as const
const mostExported = 10_000

export const HistoryHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "history",
  Effect.fn(function* (handlers) {
    const removals = yield* Removals
    const system = yield* System

    const filtersOf = Effect.fnUntraced(function* (query: {
      readonly search?: string
      readonly dateRange?: keyof typeof rangeDays | "all"
    }): Effect.fn.Return<RemovalFilters> {
      const { dateRange = "all", search } = query
      const now = yield* Clock.currentTimeMillis
      return {
        state: "removed",
        kinds: removalKinds,
        ...(search === undefined || search.trim() === "" ? {} : { search }),
        ...(dateRange === "all" ? {} : { endedSince: isoOfMillis(now - rangeDays[dateRange] * dayMillis) })
      }
    })

    return handlers.handleAll({
      list: ({ query: { limit, page, ...query } }) =>
        refusing(
          Effect.gen(function* () {
            const filters = yield* filtersOf(query)
            const found = yield* numberedPage({ limit, page }, bounds, (at) => removals.counted(filters, at), toDeleted)
            const { removedBytes, removedItems } = yield* system.stats
            return ok({ ...found, stats: { totalDeleted: removedItems, totalSpaceReclaimed: removedBytes } })
          })
        ),
      export: ({ query }) =>
        Effect.gen(function* () {
          const filters = yield* filtersOf(query)
          const { items } = yield* removals.counted(filters, { offset: 0, limit: mostExported })
          return [columns, ...items.map(toDeleted).map(toRow)].map((cells) => cells.map(quoted).join(",")).join("\r\n")
        })
    })
  })
)

const toDeleted = (removal: RemovalSummary) => ({
  id: numberOf(removal.id),
  mediaId: numberOf(removal.itemId),
  title: removal.title,
  type: mediaTypeOf(removal.kind),
  size: removal.freedBytes ?? removal.sizeBytes,
  deletedAt: removal.endedAt,
  deletionReason: removal.origin === "person" ? ("manual" as const) : ("rule" as const),
  ruleId: removal.ruleId === null ? null : numberOf(removal.ruleId)
})

const columns = ["ID", "Media ID", "Title", "Type", "Size (bytes)", "Deleted At", "Reason", "Rule"]

const toRow = ({ deletedAt, deletionReason, id, mediaId, ruleId, size, title, type }: ReturnType<typeof toDeleted>) => [
  String(id),
  String(mediaId),
  title,
  type,
  String(size),
  deletedAt ?? "",
  deletionReason,
  ruleId === null ? "" : String(ruleId)
]

/** Spreadsheets would run a title that begins like a formula. */
const quoted = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
