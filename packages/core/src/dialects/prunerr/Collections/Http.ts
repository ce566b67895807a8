import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { syncJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { type Collection, Collections } from "../../../library/Collections.ts"
import { Library } from "../../../library/Library.ts"
import { CollectionRemovals } from "../../../removals/CollectionRemovals.ts"
import { StoppingDecisions } from "../../../removals/StoppingDecisions.ts"
import { everyEntry } from "../../frame/Paging.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { ok, withMessage, messageOnly, whole } from "../Bodies.ts"
import { makeItems } from "../Items.ts"
import { libraryKinds } from "../Lenses.ts"
import { toRequest } from "../Marking.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

export const CollectionsHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "collections",
  Effect.fn(function* (handlers) {
    const collections = yield* Collections
    const collectionRemovals = yield* CollectionRemovals
    const library = yield* Library
    const items = yield* makeItems
    const jobs = yield* Jobs
    const decisions = yield* StoppingDecisions
    const lastSync = refusing(Effect.map(jobs.get(syncJob), ({ lastRun }) => lastRun?.endedAt ?? null))

    const one = (id: string) =>
      Effect.zipWith(collections.get(id), lastSync, (collection, at) => toBody(at)(collection))

    return handlers.handleAll({
      list: () => Effect.zipWith(collections.list, lastSync, (all, at) => whole(all.map(toBody(at)))),
      sync: () =>
        refusing(
          Effect.gen(function* () {
            if ((yield* jobs.get(syncJob)).running === null) yield* jobs.start(syncJob, { startedBy: "person" })
            return messageOnly("A library scan was started, which reads the collections")
          })
        ),
      one: ({ params }) => refusing(Effect.map(one(params.id), ok)),
      items: ({ params }) =>
        refusing(
          Effect.gen(function* () {
            const { title } = yield* collections.get(params.id)
            const members = yield* everyEntry((cursor) =>
              library.page({ collection: title, kinds: libraryKinds, limit: 200, ...cursor })
            )
            return whole(
              (yield* items.list(members)).map(
                ({ id, imdbId, isProtected, posterUrl, radarrId, size, status, title, tmdbId, type, year }) => ({
                  id,
                  title,
                  type,
                  year,
                  size,
                  posterUrl,
                  status,
                  isProtected,
                  radarrId,
                  tmdbId,
                  imdbId
                })
              )
            )
          })
        ),
      protection: ({ params, payload: { isProtected, reason } }) =>
        refusing(
          Effect.gen(function* () {
            const { protection, title } = yield* collections.get(params.id)
            if (isProtected) yield* decisions.protect({ collection: title, reason: reason ?? "Protected collection" })
            else if (protection !== null) yield* collections.unprotect(params.id)
            return withMessage(yield* one(params.id), isProtected ? "Collection protected" : "Protection removed")
          })
        ),
      queue: ({ params, payload }) =>
        refusing(
          Effect.gen(function* () {
            const { failed, requested } = yield* collectionRemovals.request(params.id, toRequest(payload))
            const skippedItems = yield* Effect.forEach(failed, ({ detail, itemId }) =>
              Effect.map(library.get(itemId), ({ id, title }) => ({ id: numberOf(id), title, reason: detail }))
            )
            const counts = new Map<string, number>()
            for (const { code } of failed) counts.set(skippedAs(code), (counts.get(skippedAs(code)) ?? 0) + 1)
            return withMessage(
              {
                queued: requested.length,
                skipped: failed.length,
                skippedReasons: Object.fromEntries(counts),
                skippedItems,
                totalSize: requested.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
              },
              `${requested.length} item(s) queued for deletion`
            )
          })
        )
    })
  })
)

const skippedAs = (code: string): string => (code === "removal-state-conflict" ? "already_queued" : "protected")

const toBody =
  (lastSyncedAt: string | null) =>
  ({ bytes, createdAt, id, items, overview, posterUrl, protection, title, tmdbId }: Collection) => ({
    id: numberOf(id),
    tmdbId,
    title,
    overview,
    posterUrl,
    itemCount: items,
    totalSize: bytes,
    isProtected: protection !== null,
    protectionReason: protection?.reason ?? null,
    protectedAt: protection?.createdAt ?? null,
    lastSyncedAt,
    createdAt,
    updatedAt: protection?.createdAt ?? createdAt
  })
