/**
 * The queue of Sportarr, which it also reports in the form of Sonarr. Its history contains no ids of downloads but for one
 * league at a time.
 */
import { Effect, Schema } from "effect"
import type { QueueCapability, QueueHistoryEntry, QueueTarget } from "../../QueueCapability.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import type { ArrAccess } from "../arr/Arr.ts"
import { arrQueue } from "../arr/Queue.ts"
import { seriesQueue } from "../arr/QueueTerms.ts"
import { LenientString, maybe } from "../Lenient.ts"
import { isoOrNull, textOrNull } from "../Values.ts"
import { type SportarrAccess, SportsEvent } from "./Records.ts"

const Grab = Schema.Struct({
  eventId: Schema.Int,
  title: maybe(LenientString),
  indexer: maybe(LenientString),
  downloadId: maybe(LenientString),
  grabbedAt: maybe(LenientString),
  wasImported: maybe(Schema.Boolean)
})

const LeagueId = Schema.Struct({ id: Schema.Int })

export const sportarrQueue = (access: SportarrAccess, arr: ArrAccess): QueueCapability => {
  const { upstream } = access
  const { read, remove } = arrQueue(arr, { ...seriesQueue, query: {} })

  const history = Effect.fn("Sportarr.history")(function* (since: string) {
    const leagues = yield* upstream.getArray("api/leagues", LeagueId)
    const entries: Array<QueueHistoryEntry> = []
    for (const { id } of leagues) {
      const grabs = yield* upstream.getArray(`api/leagues/${id}/download-history`, Grab, {
        query: { includeSuperseded: true }
      })
      for (const grab of grabs) {
        const downloadId = textOrNull(grab.downloadId)?.toLowerCase() ?? null
        const at = isoOrNull(grab.grabbedAt)
        if (downloadId === null || at === null || at < since) continue
        const entry = {
          downloadId,
          at,
          title: textOrNull(grab.title) ?? downloadId,
          indexer: textOrNull(grab.indexer),
          targets: [{ kind: "episode", wholeId: String(id), partId: String(grab.eventId) }]
        } as const
        entries.push({ what: "grabbed", ...entry })
        // It does not report when.
        if (grab.wasImported === true) entries.push({ what: "imported", ...entry })
      }
    }
    return entries.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
  })

  const isWanted = (event: string): Effect.Effect<boolean, UpstreamError> =>
    upstream.get(`api/events/${encodeURIComponent(event)}`, SportsEvent).pipe(
      Effect.map(({ files, monitored }) => monitored === true && files.length === 0),
      Effect.catchTag("UpstreamRefused", (error) => (error.status === 404 ? Effect.succeed(false) : Effect.fail(error)))
    )

  return {
    read,
    remove,
    history,
    historyOf: null,
    // Its API has no command that imports a path.
    imports: null,
    stillWanted: (targets) => Effect.filter(targets, ({ partId }) => isWanted(partId ?? "0")),
    search: (targets) =>
      Effect.forEach(eventsIn(targets), (event) => upstream.send("POST", `api/event/${event}/automatic-search`), {
        discard: true
      })
  }
}

const eventsIn = (targets: ReadonlyArray<QueueTarget>): ReadonlyArray<string> => [
  ...new Set(targets.flatMap(({ partId }) => (partId === undefined ? [] : [encodeURIComponent(partId)])))
]
