/**
 * Asks the applications that have an item for its poster, one after the other: the one that manages it, media servers, and
 * then the same for the whole that it is part of. Only the bytes of an answer decide whether it is an image.
 */
import { Effect, Semaphore } from "effect"
import type { ArtworkLimits } from "../integrations/Kind.ts"
import { Integrations } from "../integrations/Integrations.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import type { HeldEntry, HeldItem } from "../library/Holders.ts"
import { Settings } from "../settings/Settings.ts"
import { type ImageType, imageTypeOf } from "./ImageType.ts"
import { ArtworkSettings } from "./ArtworkSettings.ts"

/** The result of asking the applications for a poster. */
export type Found =
  | { readonly _tag: "Image"; readonly bytes: Uint8Array; readonly mediaType: ImageType }
  | { readonly _tag: "None" }
  /** No application that answered has it, and at least one could not be asked. */
  | { readonly _tag: "Silent"; readonly detail: string; readonly retryAfterMillis: number | null }

/** Fewer than the concurrent reads that a host accepts, so that a page of posters does not delay a sync. */
const fetchedAtOnce = 3
const timeoutMillis = 10_000
/** Including the retries of the HTTP client. */
const longestMillis = 20_000

export const makePosterSources = Effect.gen(function* () {
  const integrations = yield* Integrations
  const settings = yield* Settings
  const permits = Semaphore.makeUnsafe(fetchedAtOnce)

  const askOne = Effect.fnUntraced(function* (entry: HeldEntry, limits: ArtworkLimits): Effect.fn.Return<Found> {
    const live = yield* integrations.connect(entry.integrationId)
    const { artwork } = live?.connected ?? {}
    if (live === undefined || artwork === undefined || !live.can("artwork")) return none
    const { name } = live.integration
    const asked = artwork.poster(entry, limits).pipe(
      Effect.map((bytes): Found => judged(bytes)),
      Effect.catch((error) =>
        Effect.as(Effect.logDebug(`No poster of ${entry.kind} ${entry.key}: ${error.message}`), outcomeOf(name, error))
      ),
      Effect.timeoutOrElse({
        duration: longestMillis,
        orElse: () => Effect.succeed(silent(`${name} did not answer in time`, null))
      })
    )
    return yield* permits.withPermit(asked)
  })

  return {
    find: Effect.fn("PosterSources.find")(function* ({ entries }: HeldItem): Effect.fn.Return<Found> {
      const { maxPosterMebibytes } = yield* settings.get(ArtworkSettings)
      const bytes = maxPosterMebibytes * 1024 ** 2
      const limits = { bound: { bytes, advice: "the setting artwork.maxPosterMebibytes allows more" }, timeoutMillis }
      let outcome: Found = none
      for (const entry of entries) {
        const found = yield* askOne(entry, limits)
        if (found._tag === "Image") return found
        if (found._tag === "Silent" && outcome._tag === "None") outcome = found
      }
      return outcome
    })
  }
})

const none: Found = { _tag: "None" }

const silent = (detail: string, retryAfterMillis: number | null): Found => ({
  _tag: "Silent",
  detail,
  retryAfterMillis
})

const judged = (bytes: Uint8Array | null): Found => {
  const mediaType = bytes === null ? null : imageTypeOf(bytes)
  return bytes === null || mediaType === null ? none : { _tag: "Image", bytes, mediaType }
}

/** A refusal, a redirect, or an answer that is too large or not an image is final; without an answer the result is unknown. */
const outcomeOf = (name: string, error: UpstreamError): Found => {
  if (error._tag === "UpstreamMalformed") return none
  if (error._tag === "UpstreamRefused" && error.status < 500) return none
  return silent(
    error._tag === "UpstreamUnauthorized" ? `${name} does not accept the key` : `${name} does not answer`,
    error._tag === "UpstreamRateLimited" ? error.retryAfterMillis : null
  )
}
