import { Clock, Effect } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { ItemNotFound } from "../../../library/LibraryErrors.ts"
import { syncJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { type ItemFilters, type ItemSummary, Library } from "../../../library/Library.ts"
import { ProtectedItems } from "../../../library/ProtectedItems.ts"
import { Protections } from "../../../library/Protections.ts"
import { dayMillis, isoOfMillis } from "../../../problems/Instants.ts"
import { Snapshots } from "../../../library/Snapshots.ts"
import { Removals } from "../../../removals/Removals.ts"
import { StoppingDecisions } from "../../../removals/StoppingDecisions.ts"
import { Dashboards } from "../../../system/Dashboard.ts"
import { type Window, windowAt } from "../../../storage/Pages.ts"
import { numberedPage } from "../../frame/Paging.ts"
import { eventStream } from "../../frame/EventStream.ts"
import { idText, numberOf, refusing } from "../../frame/Values.ts"
import { bytesText, ok, withMessage, messageOnly } from "../Bodies.ts"
import { makeItems } from "../Items.ts"
import { filtersOfStatus, kindsOfType, libraryKinds, sortOf } from "../Lenses.ts"
import { toRequest } from "../Marking.ts"
import { ItemNotProtected, ScanRunning } from "../Problems.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { progressOf } from "./Progress.ts"

const bounds = { first: 1, most: 500 } as const

export const LibraryHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "library",
  Effect.fn(function* (handlers) {
    const library = yield* Library
    const items = yield* makeItems
    const jobs = yield* Jobs
    const snapshots = yield* Snapshots
    const removals = yield* Removals
    const protections = yield* Protections
    const protectedItems = yield* ProtectedItems
    const decisions = yield* StoppingDecisions
    const dashboards = yield* Dashboards

    /** Only the total. Others run in between: counting takes some milliseconds. */
    const count = (filters: ItemFilters) =>
      Effect.map(
        Effect.andThen(Effect.yieldNow, library.counted({ kinds: libraryKinds, ...filters }, { offset: 0, limit: 1 })),
        ({ total }) => total
      )

    const known = Effect.fnUntraced(function* (ids: ReadonlyArray<number | string>) {
      const found: Array<{ readonly id: string; readonly title: string }> = []
      const missing: Array<{ readonly id: number; readonly error: string }> = []
      for (const id of new Set(ids.map(idText))) {
        const item = yield* Effect.result(library.get(id))
        if (item._tag === "Success" && item.success.goneAt === null && libraryKinds.includes(item.success.kind))
          found.push({ id, title: item.success.title })
        else missing.push({ id: numberOf(id), error: "Media item not found" })
      }
      return { found, missing }
    })

    return handlers.handleAll({
      list: ({ query }) =>
        refusing(
          Effect.gen(function* () {
            const { limit, maxSize, minSize, offset, page, search, sortBy, sortOrder, status, type, unwatchedDays } =
              query
            const now = yield* Clock.currentTimeMillis
            const filters: ItemFilters = {
              kinds: kindsOfType(type),
              sort: sortOf(sortBy),
              order: sortOrder === undefined || sortOrder.toLowerCase() === "desc" ? "desc" : "asc",
              ...(search === undefined || search.trim() === "" ? {} : { search }),
              ...(minSize === undefined ? {} : { minSizeBytes: minSize }),
              ...(maxSize === undefined ? {} : { maxSizeBytes: maxSize }),
              ...(unwatchedDays === undefined ? {} : { idleSince: isoOfMillis(now - unwatchedDays * dayMillis) }),
              ...filtersOfStatus(status),
              ...(query.protected === undefined ? {} : { protected: query.protected })
            }
            const read = (window: Window) => library.counted(filters, window)
            // An offset takes the place of a page.
            const found =
              offset === undefined || page !== undefined
                ? yield* numberedPage({ page, limit }, bounds, read, (item: ItemSummary) => item)
                : yield* pageAt({ offset, limit }, read)
            const shown = yield* items.list(found.items)
            return ok({
              ...found,
              items: shown,
              summary: {
                totalSize: shown.reduce((sum, { size }) => sum + size, 0),
                movieCount: shown.filter((item) => item.type === "movie").length,
                showCount: shown.filter((item) => item.type === "tv").length,
                episodeCount: 0
              }
            })
          })
        ),
      summary: () =>
        Effect.gen(function* () {
          const status = (name: Parameters<typeof filtersOfStatus>[0]) => count(filtersOfStatus(name))
          const byStatus = yield* Effect.all({
            monitored: status("monitored"),
            flagged: status("flagged"),
            pending_deletion: status("queued"),
            protected: status("protected")
          })
          const [movies, shows] = yield* Effect.all([count({ kinds: ["movie"] }), count({ kinds: ["show"] })])
          const sizes = (yield* dashboards.figures).kinds
            .filter(({ kind }) => libraryKinds.includes(kind))
            .reduce((sum, { bytes }) => sum + bytes, 0)
          return ok({
            total: movies + shows,
            byType: { movie: movies, show: shows, episode: 0 },
            byStatus,
            totalSize: sizes,
            totalSizeFormatted: bytesText(sizes)
          })
        }),
      sync: () =>
        refusing(
          Effect.gen(function* () {
            if ((yield* jobs.get(syncJob)).running !== null) return yield* new ScanRunning({ detail: "a library sync" })
            yield* jobs.start(syncJob, { startedBy: "person" })
            return messageOnly("Library sync started")
          })
        ),
      syncProgress: () =>
        refusing(
          Effect.map(jobs.get(syncJob), ({ running }) =>
            running === null ? HttpServerResponse.empty({ status: 204 }) : eventStream(progressOf(jobs, running.id))
          )
        ),
      syncStream: () =>
        refusing(
          Effect.gen(function* () {
            if ((yield* jobs.get(syncJob)).running !== null) return yield* new ScanRunning({ detail: "a library sync" })
            const { id } = yield* jobs.start(syncJob, { startedBy: "person" })
            return eventStream(progressOf(jobs, id))
          })
        ),
      libraries: () =>
        Effect.map(snapshots.get, ({ items: all }) => {
          const types = new Map<string, "movie" | "show">()
          for (const { data, kind } of all) {
            for (const { library: title, otherLibraries = [] } of data.onServers) {
              for (const one of [title, ...otherLibraries]) types.set(one, kind === "movie" ? "movie" : "show")
            }
          }
          return ok([...types].map(([title, type]) => ({ key: title, title, type, excluded: false })))
        }),
      syncStatus: () => refusing(Effect.map(jobs.get(syncJob), ({ running }) => ok({ inProgress: running !== null }))),
      one: ({ params }) => refusing(Effect.map(items.row(params.id), ok)),
      mark: ({ params, payload }) =>
        refusing(
          Effect.gen(function* () {
            const { kind, title } = yield* library.get(params.id)
            if (!libraryKinds.includes(kind)) return yield* new ItemNotFound({ itemId: params.id })
            const { graceDays } = yield* removals.request(params.id, toRequest(payload ?? {}))
            const row = yield* items.row(params.id)
            return withMessage(row, `"${title}" marked for deletion in ${graceDays ?? 0} day(s)`)
          })
        ),
      markSeveral: ({ payload: { ids, ...marking } }) =>
        refusing(
          Effect.gen(function* () {
            const { found, missing } = yield* known(ids)
            const titles = new Map(found.map(({ id, title }) => [id, title]))
            const done = yield* removals.requestMany(
              found.map(({ id }) => id),
              toRequest(marking)
            )
            return withMessage(
              {
                success: done.requested.map(({ itemId, title }) => ({ id: numberOf(itemId), title })),
                failed: missing,
                skipped: done.failed.map(({ detail, itemId }) => ({
                  id: numberOf(itemId),
                  title: titles.get(itemId) ?? "",
                  reason: detail
                }))
              },
              `${done.requested.length} item(s) marked for deletion`
            )
          })
        ),
      protectSeveral: ({ payload: { ids, reason } }) =>
        refusing(
          Effect.gen(function* () {
            const { found, missing } = yield* known(ids)
            const before = yield* protectedItems.of(found.map(({ id }) => id))
            const wanted = found.filter(({ id }) => before.get(id)?.itemId !== id)
            yield* Effect.forEach(
              wanted,
              ({ id }) => decisions.protect({ itemId: id, reason: reason ?? "Bulk protected" }),
              { discard: true }
            )
            const toResult = ({ id, title }: (typeof found)[number]) => ({ id: numberOf(id), title })
            return withMessage(
              {
                success: wanted.map(toResult),
                failed: missing,
                skipped: found
                  .filter((one) => !wanted.includes(one))
                  .map((one) => ({ ...toResult(one), reason: "Already protected" }))
              },
              `${wanted.length} item(s) protected`
            )
          })
        ),
      protect: ({ params, payload }) =>
        refusing(
          Effect.gen(function* () {
            yield* decisions.protect({ itemId: params.id, reason: payload?.reason ?? "Manually protected" })
            return withMessage(yield* items.row(params.id), "Item protected")
          })
        ),
      unprotect: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            yield* library.get(params.id)
            yield* Effect.catchTag(protections.removeByItem(params.id), "ProtectionNotFound", () =>
              Effect.fail(new ItemNotProtected())
            )
            return withMessage(yield* items.row(params.id), "Protection removed")
          })
        )
    })
  })
)

/** A page by its offset. */
const pageAt = Effect.fnUntraced(function* <A, E, R>(
  request: { readonly offset: number; readonly limit: number | undefined },
  read: (window: Window) => Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly total: number }, E, R>
) {
  const window = yield* windowAt(request, { most: bounds.most })
  const { items, total } = yield* read(window)
  return {
    items,
    total,
    page: Math.floor(window.offset / window.limit) + 1,
    totalPages: Math.ceil(total / window.limit),
    limit: window.limit
  }
})
