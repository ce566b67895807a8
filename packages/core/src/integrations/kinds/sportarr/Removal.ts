/**
 * Removes leagues, seasons and events of Sportarr. An event that goes is first no longer monitored, so that it is not
 * fetched again. A league is deleted with its choice of teams and sessions, which Tendarr does not store: that cannot be
 * undone.
 */
import { Effect, Result, Schema } from "effect"
import type { Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { OddRecords } from "../../OddRecords.ts"
import { filesLeftStatus, type UpstreamError, UpstreamMalformed, UpstreamRefused } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { deleteMillis } from "../Values.ts"
import { rereadItem } from "./Catalog.ts"
import { eventsOf, keysIn, seasonOf, type SportarrAccess, type SportsEvent } from "./Records.ts"

/** The events that were monitored before. */
const Kept = Schema.Struct({ monitored: Schema.Array(Schema.Int) })

const Deleted = Schema.Struct({ success: maybe(Schema.Boolean), failedCount: maybe(Schema.Int) })

export const sportarrRemoval = (access: SportarrAccess): RemovalCapability => {
  const { integration, upstream } = access

  const monitor = (event: number, monitored: boolean) =>
    upstream.send("PUT", `api/events/${event}`, { json: { monitored } })

  /** The events of a season, or the event. */
  const partsOf = Effect.fnUntraced(function* (target: RemovalTarget) {
    const { event, league, season } = yield* keysIn(target.externalId, integration)
    const events = yield* eventsOf(access, league)
    return events.filter((one) => (event === null ? season !== null && seasonOf(one) === season : one.id === event))
  })

  /** It forgets a file even if it could not delete it, and says so only here. */
  const deleteFiles = Effect.fnUntraced(function* ({ id, title }: SportsEvent) {
    const path = `api/events/${id}/files`
    const { failedCount, success } = yield* upstream.send("DELETE", path, { timeoutMillis: deleteMillis }, Deleted)
    if (success === false || (failedCount ?? 0) > 0) {
      const detail = `${failedCount ?? "some"} files of "${title}" could not be deleted from the disk, and are no longer listed`
      return yield* new UpstreamRefused({ integration, call: `DELETE ${path}`, status: filesLeftStatus, detail })
    }
  })

  return {
    kinds: ["show", "season", "episode"],
    irreversible: true,
    presence: Effect.fn("Sportarr.presence")(function* (target): Effect.fn.Return<Presence, UpstreamError> {
      const listed = yield* rereadItem(access, target, new OddRecords())
      const found = listed.find(({ externalId }) => externalId === target.externalId)
      if (found === undefined) return { _tag: "Absent" }
      const { facts, ids, path, sizeBytes, title } = found
      const monitored = target.kind === "show" ? [] : (yield* partsOf(target)).filter((one) => one.monitored === true)
      return {
        _tag: "Present",
        title,
        ids,
        sizeBytes,
        path,
        ...(typeof facts.monitored === "boolean" ? { monitored: facts.monitored } : {}),
        restore: { monitored: monitored.map(({ id }) => id) } satisfies typeof Kept.Type
      }
    }),
    remove: Effect.fn("Sportarr.remove")(function* (target) {
      if (target.kind === "show") {
        const { league } = yield* keysIn(target.externalId, integration)
        return yield* upstream.send("DELETE", `api/leagues/${league}`, {
          query: { deleteFiles: true },
          timeoutMillis: deleteMillis
        })
      }
      const parts = yield* partsOf(target)
      for (const { id } of parts.filter((one) => one.monitored !== false)) yield* monitor(id, false)
      const results = yield* Effect.forEach(
        parts.filter(({ files }) => files.length > 0),
        (event) => Effect.result(deleteFiles(event))
      )
      // Another attempt would no longer find what was forgotten: it is said once all are deleted.
      const failure = results.find(Result.isFailure)
      if (failure !== undefined) return yield* Effect.fail(failure.failure)
    }),
    putBack: Effect.fn("Sportarr.putBack")(function* (_, restore) {
      const kept = Schema.decodeUnknownOption(Kept)(restore)
      if (kept._tag === "None") return
      for (const id of kept.value.monitored) yield* monitor(id, true)
    }),
    restore: () =>
      Effect.fail(
        new UpstreamMalformed({ integration, call: "restore", detail: "a league cannot be added again as it was" })
      ),
    isBack: () => Effect.succeed(null)
  }
}
