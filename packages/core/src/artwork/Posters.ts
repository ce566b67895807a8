/**
 * The posters of items, so that a page shows them without a key and without asking another host: fetched from the
 * applications that hold the item, kept on the disk, and made smaller where this machine can.
 */
import { Clock, Context, Effect, Layer, Schema } from "effect"
import { type HeldItem } from "../library/Holders.ts"
import { Library } from "../library/Library.ts"
import type { ItemNotFound } from "../library/LibraryErrors.ts"
import { clockSlackMillis, passedMillis } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { PosterNotFound, PosterUnavailable } from "./ArtworkErrors.ts"
import { makeFlights } from "./Flights.ts"
import { ImageResizer } from "./ImageResizer.ts"
import type { ImageType } from "./ImageType.ts"
import { makePosterCache } from "./PosterCache.ts"
import { hashOf, type StoredPoster } from "./PosterFile.ts"
import { type Found, makePosterSources } from "./PosterSources.ts"
import { ArtworkSettings } from "./ArtworkSettings.ts"

/** Widths in pixels that can be asked for. */
const widths = { minimum: 50, maximum: 1000 } as const

export const PosterOptions = Schema.Struct({
  width: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween(widths)).annotate({
      description: `The most pixels that it is wide, ${widths.minimum} to ${widths.maximum}; as it is by default. Never enlarged.`
    })
  )
})

export interface Poster {
  readonly bytes: Uint8Array
  /** By its content. */
  readonly mediaType: ImageType
  /** In quotes, as a header carries it. Another one for other bytes. */
  readonly etag: string
  /** Whether it was made smaller, as it was asked for. */
  readonly resized: boolean
  /** Seconds since an application gave it. */
  readonly ageSeconds: number
  /** Seconds for which it need not be asked for again. */
  readonly freshSeconds: number
}

export class Posters extends Context.Service<
  Posters,
  {
    /**
     * The poster of an item, at most `width` pixels wide; as it is where `width` is `null`, where it is no wider, or where
     * nothing on this machine makes images smaller. Also of an item that is gone, as long as it is kept.
     */
    readonly poster: (
      itemId: string,
      width: number | null
    ) => Effect.Effect<Poster, ItemNotFound | PosterNotFound | PosterUnavailable>
  }
>()("tendarr/artwork/Posters") {
  static readonly layer = Layer.effect(
    Posters,
    Effect.gen(function* () {
      const library = yield* Library
      const settings = yield* Settings
      const resizer = yield* ImageResizer
      const cache = yield* makePosterCache
      const sources = yield* makePosterSources
      const scope = yield* Effect.scope
      const originals = makeFlights<StoredPoster, PosterNotFound | PosterUnavailable>(scope)
      const thumbnails = makeFlights<StoredPoster | null, never>(scope)
      const outcomes = makeOutcomes()
      const unreadable = new Set<string>()

      const mostBytes = Effect.map(settings.get(ArtworkSettings), ({ cacheMebibytes }) => cacheMebibytes * 1024 ** 2)

      /** Milliseconds for which it is still taken for what the application has; 0 = it has to be asked. */
      const freshMillis = Effect.fnUntraced(function* ({ fetchedAt }: StoredPoster) {
        const { refreshHours } = yield* settings.get(ArtworkSettings)
        const age = (yield* Clock.currentTimeMillis) - fetchedAt
        // A clock that was set back makes nothing fresh for longer.
        return age < -clockSlackMillis ? 0 : Math.max(0, refreshHours * 3_600_000 - Math.max(0, age))
      })

      const answerOf = Effect.fnUntraced(function* (poster: StoredPoster, resized: boolean) {
        const { bytes, fetchedAt, hash, mediaType } = poster
        const now = yield* Clock.currentTimeMillis
        const fresh = Math.floor((yield* freshMillis(poster)) / 1000)
        const answer: Poster = {
          bytes,
          mediaType,
          etag: `"${hash.slice(0, 32)}"`,
          resized,
          ageSeconds: Math.max(0, Math.floor((now - fetchedAt) / 1000)),
          freshSeconds: Math.max(leastFreshSeconds, fresh)
        }
        return answer
      })

      const ask = Effect.fnUntraced(function* (item: HeldItem, key: string) {
        const asked = `${key} ${JSON.stringify(item.entries)}`
        const known = outcomes.get(asked, yield* passedMillis)
        if (known !== null) return known
        const found = yield* sources.find(item)
        outcomes.note(asked, found, yield* passedMillis)
        return { found, retryAfterSeconds: Math.ceil(pauseOf(found) / 1000) }
      })

      const loadOriginal = Effect.fnUntraced(function* (item: HeldItem, key: string) {
        const name = nameOf(key, null)
        const kept = yield* cache.read(name)
        if (kept !== null && (item.gone || (yield* freshMillis(kept)) > 0)) return kept
        const { found, retryAfterSeconds } = yield* ask(item, key)
        if (found._tag === "Image") {
          const { bytes, mediaType } = found
          const poster = { bytes, mediaType, hash: hashOf(bytes), fetchedAt: yield* Clock.currentTimeMillis }
          yield* cache.write(name, poster, yield* mostBytes)
          return poster
        }
        if (found._tag === "Silent") {
          // What is old is better than nothing, and will be asked for again.
          if (kept !== null) return kept
          return yield* new PosterUnavailable({ itemId: item.id, detail: found.detail, retryAfterSeconds })
        }
        yield* cache.drop(key)
        return yield* new PosterNotFound({ itemId: item.id })
      })

      const makeThumbnail = Effect.fnUntraced(function* (key: string, width: number, original: StoredPoster) {
        const attempt = `${original.hash} ${width}`
        if (unreadable.has(attempt)) return null
        const made = yield* resizer.shrink(original.bytes, width).pipe(
          Effect.catch((error) => {
            if (unreadable.size >= mostRemembered) unreadable.clear()
            unreadable.add(attempt)
            return Effect.as(Effect.logDebug(error.message), null)
          })
        )
        if (made === null) return null
        const { fetchedAt } = original
        const thumbnail = { ...made, hash: hashOf(made.bytes), fetchedAt }
        yield* cache.write(nameOf(key, width), thumbnail, yield* mostBytes)
        return thumbnail
      })

      const atWidth = Effect.fnUntraced(function* (item: HeldItem, key: string, width: number) {
        const name = nameOf(key, width)
        const kept = yield* cache.read(name)
        if (kept !== null && (item.gone || (yield* freshMillis(kept)) > 0)) return yield* answerOf(kept, true)
        return yield* originals(key, loadOriginal(item, key)).pipe(
          Effect.flatMap((original) =>
            Effect.flatMap(thumbnails(name, makeThumbnail(key, width, original)), (thumbnail) =>
              thumbnail === null ? answerOf(original, false) : answerOf(thumbnail, true)
            )
          ),
          Effect.catchTag("PosterUnavailable", (error) => (kept === null ? Effect.fail(error) : answerOf(kept, true)))
        )
      })

      return Posters.of({
        poster: Effect.fn("Posters.poster")(function* (itemId, width) {
          const item = yield* library.holders(itemId)
          const key = keyOf(item)
          if (width !== null) return yield* atWidth(item, key, width)
          return yield* answerOf(yield* originals(key, loadOriginal(item, key)), false)
        })
      })
    })
  )
}

/** A poster that could not be asked for again is looked at again this soon. */
const leastFreshSeconds = 60
const noneMillis = 10 * 60_000
const silentMillis = 60_000
const mostRemembered = 5_000

/**
 * Of the item as it is known now: under the number of an item that was replaced, or that stands in a database that was
 * restored, another one must not get its poster.
 */
const keyOf = ({ externalId, id, integrationId, kind, title, year }: HeldItem): string =>
  hashOf(JSON.stringify([id, integrationId, externalId, kind, title, year])).slice(0, 32)

const nameOf = (key: string, width: number | null): string => `${key}-${width ?? "o"}`

interface Outcome {
  readonly found: Found
  readonly retryAfterSeconds: number
}

const pauseOf = (found: Found): number => {
  if (found._tag === "None") return noneMillis
  if (found._tag === "Image") return 0
  return Math.min(noneMillis, Math.max(1_000, found.retryAfterMillis ?? silentMillis))
}

/** What was found out in vain a short while ago, so that nobody is asked for it again at once. */
const makeOutcomes = () => {
  const remembered = new Map<string, { readonly found: Found; readonly until: number }>()
  return {
    get: (key: string, now: number): Outcome | null => {
      const known = remembered.get(key)
      if (known === undefined || known.until <= now) return null
      return { found: known.found, retryAfterSeconds: Math.ceil((known.until - now) / 1000) }
    },
    note: (key: string, found: Found, now: number) => {
      remembered.delete(key)
      if (found._tag === "Image") return
      if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value ?? "")
      remembered.set(key, { found, until: now + pauseOf(found) })
    }
  }
}
