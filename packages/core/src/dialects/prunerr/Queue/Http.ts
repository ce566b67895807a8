import { Cause, Clock, Effect, Exit, Fiber, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { brake } from "../../../acts/Brake.ts"
import { removalsJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { Library } from "../../../library/Library.ts"
import { dayMillis, isoOfMillis } from "../../../problems/Instants.ts"
import type { RemovalSummary } from "../../../removals/Removal.ts"
import { Removals } from "../../../removals/Removals.ts"
import { Settings } from "../../../settings/Settings.ts"
import { windowAt } from "../../../storage/Pages.ts"
import { eventStream } from "../../frame/EventStream.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { bytesText, withMessage } from "../Bodies.ts"
import { makeItems } from "../Items.ts"
import { deletionActionOf, labelOf, removalKinds } from "../../../moving/products/Prunerr/Terms.ts"
import { mediaTypeOf } from "../Lenses.ts"
import { NotDeleted, NotQueued } from "../Problems.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

/** Removals per query. */
const piece = 500

/** Seconds for which a request waits for the deletions that it started. */
const longestWait = 300

/** A new time must be ahead. */
const soonMillis = 1000

export const QueueHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "queue",
  Effect.fn(function* (handlers) {
    const removals = yield* Removals
    const library = yield* Library
    const jobs = yield* Jobs
    const settings = yield* Settings
    const scope = yield* Effect.scope
    const items = yield* makeItems

    const queued = { queued: true, kinds: removalKinds, order: "due" } as const

    const list = (usual: number) =>
      Effect.fnUntraced(function* (query: { readonly offset?: number; readonly limit?: number }) {
        const window = yield* windowAt(query, { usual, most: 500 })
        const { items: found, total } = yield* removals.counted(queued, window)
        const summary = yield* removals.queue({ kinds: removalKinds })
        const now = yield* Clock.currentTimeMillis
        return {
          success: true as const,
          data: found.map((removal) => toQueueItem(removal, now)),
          total,
          page: Math.floor(window.offset / window.limit) + 1,
          totalPages: Math.ceil(total / window.limit),
          ...window,
          summary: {
            totalItems: summary.items,
            totalSize: summary.bytes,
            readyForDeletion: summary.due,
            willResetOverseerr: summary.resetRequests
          }
        }
      })

    /** What would be deleted now. The queue is in the order of their times. */
    const due = Effect.gen(function* () {
      const now = isoOfMillis(yield* Clock.currentTimeMillis)
      const all: Array<RemovalSummary> = []
      for (let offset = 0; ; offset += piece) {
        const { items: found } = yield* removals.counted(queued, { offset, limit: piece })
        const isDue = ({ scheduledAt }: RemovalSummary) => scheduledAt !== null && scheduledAt <= now
        all.push(...found.filter((one) => one.state !== "proposed" && isDue(one)))
        if (found.length < piece || !found.some(isDue)) return all
      }
    })

    /** Makes a removal in the queue due; refused if it may not be carried out. */
    const makeDue = Effect.fnUntraced(function* (itemId: string) {
      yield* brake(settings)
      const { removalId } = yield* library.get(itemId)
      const removal = removalId === null ? null : yield* removals.get(removalId)
      if (removal === null || !isQueued(removal)) return yield* new NotQueued()
      if (removal.state === "proposed") yield* removals.approve(removal.id)
      if (removal.state === "failed") yield* removals.retry(removal.id)
      if (removal.state === "scheduled") {
        yield* removals.reschedule(removal.id, isoOfMillis((yield* Clock.currentTimeMillis) + soonMillis))
      }
      return removal
    })

    /** Waits until it is carried out, or fails with the reason why it is not. */
    const carryOut = Effect.fnUntraced(function* (removal: Pick<RemovalSummary, "id" | "title">) {
      yield* Effect.sleep(soonMillis)
      const { id } = yield* jobs.start(removalsJob, { startedBy: "person" })
      yield* jobs.settle(id, longestWait)
      const after = yield* removals.get(removal.id)
      if (after.state !== "removed") {
        return yield* new NotDeleted({ detail: `"${after.title}": ${after.reason ?? `it is ${after.state}`}` })
      }
      const freed = after.freedBytes ?? 0
      return {
        id: numberOf(after.itemId),
        title: after.title,
        deletionAction: deletionActionOf(after.action),
        deletionActionLabel: labelOf(after.action),
        fileSizeFreed: freed,
        fileSizeFreedFormatted: bytesText(freed),
        overseerrReset: after.resetRequest
      }
    })

    return handlers.handleAll({
      deleteNow: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const done = yield* carryOut(yield* makeDue(params.id))
            return withMessage(done, `"${done.title}" deleted`)
          })
        ),
      deleteNowStream: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const removal = yield* makeDue(params.id)
            // Begun here, so that it goes on if the connection ends.
            const running = yield* Effect.forkIn(carryOut(removal), scope)
            const during = [
              { stage: "starting", message: `Deleting "${removal.title}"` },
              removal.action === "unmonitor"
                ? { stage: "unmonitoring", message: "Unmonitoring" }
                : { stage: "deleting_files", message: "Deleting files" },
              ...(removal.resetRequest
                ? [{ stage: "resetting_overseerr", message: "The request is reset after it" }]
                : [])
            ]
            const end = Effect.map(Fiber.await(running), (exit) =>
              Exit.isSuccess(exit)
                ? { stage: "complete", message: `"${removal.title}" deleted`, result: exit.value }
                : { stage: "error", message: messageOf(Cause.squash(exit.cause)) }
            )
            return eventStream(
              Stream.concat(Stream.fromIterable<object>(during), Stream.fromEffect<object, never, never>(end))
            )
          })
        ),
      list: ({ query }) => refusing(list(200)(query)),
      upcoming: ({ query }) => refusing(list(50)(query)),
      remove: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const { removalId } = yield* library.get(params.id)
            const removal = removalId === null ? null : yield* removals.get(removalId)
            if (removal === null || !isQueued(removal)) return yield* new NotQueued()
            yield* removals.cancel(removal.id)
            return withMessage(yield* items.row(params.id), `"${removal.title}" removed from the deletion queue`)
          })
        ),
      process: ({ query: { dryRun = false } }) =>
        refusing(
          Effect.gen(function* () {
            yield* brake(settings)
            const wanted = yield* due
            if (!dryRun && wanted.length > 0) {
              const { id } = yield* jobs.start(removalsJob, { startedBy: "person" })
              yield* jobs.settle(id, longestWait)
            }
            const after = dryRun ? wanted : yield* Effect.forEach(wanted, ({ id }) => removals.get(id))
            const deleted = after.filter(({ state }) => dryRun || state === "removed")
            const failed = after.filter((removal) => !deleted.includes(removal))
            const freedSpace = deleted.reduce((sum, one) => sum + (dryRun ? one.sizeBytes : (one.freedBytes ?? 0)), 0)
            return withMessage(
              {
                processed: after.length,
                deleted: deleted.length,
                failed: failed.length,
                freedSpace,
                freedSpaceFormatted: bytesText(freedSpace),
                overseerrResets: deleted.filter(({ resetRequest }) => resetRequest).length,
                dryRun,
                results: {
                  deleted: deleted.map((one) => ({
                    id: numberOf(one.itemId),
                    title: one.title,
                    fileSize: one.sizeBytes,
                    deletionAction: deletionActionOf(one.action),
                    deletionActionLabel: labelOf(one.action),
                    overseerrReset: one.resetRequest
                  })),
                  failed: failed.map((one) => ({
                    id: numberOf(one.itemId),
                    title: one.title,
                    error: one.reason ?? `it is ${one.state}`
                  }))
                }
              },
              `${deleted.length} item(s) ${dryRun ? "would be " : ""}deleted`
            )
          })
        )
    })
  })
)

const messageOf = (failure: unknown): string =>
  failure instanceof NotDeleted ? failure.detail : "Its deletion failed; see the log"

const isQueued = ({ origin, state }: Pick<RemovalSummary, "origin" | "state">): boolean =>
  state === "scheduled" || state === "executing" || state === "failed" || (state === "proposed" && origin === "person")

const toQueueItem = (removal: RemovalSummary, now: number) => ({
  id: numberOf(removal.itemId),
  mediaItemId: numberOf(removal.itemId),
  title: removal.title,
  type: mediaTypeOf(removal.kind),
  size: removal.sizeBytes,
  posterUrl: null,
  queuedAt: removal.createdAt,
  deleteAt: removal.scheduledAt,
  daysRemaining:
    removal.scheduledAt === null ? null : Math.max(0, Math.ceil((Date.parse(removal.scheduledAt) - now) / dayMillis)),
  deletionAction: deletionActionOf(removal.action),
  deletionActionLabel: labelOf(removal.action),
  resetOverseerr: removal.resetRequest,
  requestedBy: null,
  tmdbId: null,
  overseerrResetAt: null
})
