/** Outcomes of changes of several downloads. */
import { Effect } from "effect"
import type { DownloadOutcome } from "../../DownloadsCapability.ts"
import { type UpstreamError, UpstreamRefused } from "../../UpstreamErrors.ts"

export const nothingDone: DownloadOutcome = { accepted: [], absent: [], refused: [] }

export const allAccepted = (ids: ReadonlyArray<string>): DownloadOutcome => ({ ...nothingDone, accepted: ids })

export const allRefused = (ids: ReadonlyArray<string>, reason: string): DownloadOutcome => ({
  ...nothingDone,
  refused: ids.map((id) => ({ id, reason }))
})

export const mergeOutcomes = (outcomes: ReadonlyArray<DownloadOutcome>): DownloadOutcome => ({
  accepted: outcomes.flatMap(({ accepted }) => accepted),
  absent: outcomes.flatMap(({ absent }) => absent),
  refused: outcomes.flatMap(({ refused }) => refused)
})

/**
 * Sends a change for those of the downloads that the client has. They are looked up first, because most clients accept a
 * change of a download that they do not have. A refusal by the client is an outcome; all other failures stay failures.
 */
export const forKnown = (
  ids: ReadonlyArray<string>,
  known: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>, UpstreamError>,
  change: (ids: ReadonlyArray<string>) => Effect.Effect<DownloadOutcome | void, UpstreamError>
): Effect.Effect<DownloadOutcome, UpstreamError> =>
  Effect.gen(function* () {
    const distinct = [...new Set(ids)]
    if (distinct.length === 0) return nothingDone
    const there = yield* known(distinct)
    const present = distinct.filter((id) => there.has(id))
    const absent = distinct.filter((id) => !there.has(id))
    if (present.length === 0) return { ...nothingDone, absent }
    const outcome = yield* asOutcome(present, change(present))
    return mergeOutcomes([{ ...nothingDone, absent }, outcome])
  })

/** A refusal by the client itself, as an outcome of these downloads. */
export const asOutcome = (
  ids: ReadonlyArray<string>,
  change: Effect.Effect<DownloadOutcome | void, UpstreamError>
): Effect.Effect<DownloadOutcome, UpstreamError> =>
  change.pipe(
    Effect.map((outcome): DownloadOutcome => outcome ?? allAccepted(ids)),
    Effect.catchTag("UpstreamRefused", (error) =>
      // A gateway that has lost its application, or a faulty application, refuses nothing on its behalf.
      error.status >= 500 || error.status < 400 ? Effect.fail(error) : Effect.succeed(allRefused(ids, error.detail))
    )
  )

/** The client's own error in a successful response. */
export const refusedBy = (integration: string, call: string, detail: string): UpstreamRefused =>
  new UpstreamRefused({ integration, call, detail, status: 422 })
