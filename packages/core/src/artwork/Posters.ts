/**
 * The posters of items, so that a page can show them without a key and without contacting another host: fetched from
 * the applications that have the item, cached on the disk, and made smaller if an image library is available.
 */
import { Clock, Context, Effect, Layer, Schema } from "effect"
import { type HeldItem } from "../library/Holders.ts"
import { Collections } from "../library/Collections.ts"
import { Library } from "../library/Library.ts"
import type { CollectionNotFound, ItemNotFound } from "../library/LibraryErrors.ts"
import { clockSlackMillis, passedMillis } from "../problems/Instants.ts"
import { RecentMap } from "../problems/RecentMap.ts"
import { Settings } from "../settings/Settings.ts"
import { PosterNotFound, PosterUnavailable } from "./ArtworkErrors.ts"
import { makeFlights } from "./Flights.ts"
import { ImageResizer } from "./ImageResizer.ts"
import type { ImageType } from "./ImageType.ts"
import { makePosterCache } from "./PosterCache.ts"
import { hashOf, type StoredPoster } from "./PosterFile.ts"
import { type Found, makePosterSources } from "./PosterSources.ts"
import { ArtworkSettings } from "./ArtworkSettings.ts"

/** Widths in pixels that can be requested. */
const widths = { minimum: 50, maximum: 1000 } as const

export const PosterOptions = Schema.Struct({
  width: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween(widths)).annotate({
      description: `Maximum width in pixels, ${widths.minimum} to ${widths.maximum}; the original size by default. Never enlarged.`
    })
  )
})

export interface Poster {
  readonly bytes: Uint8Array
  /** Detected from the bytes. */
  readonly mediaType: ImageType
  /** In quotes, as in the header. It differs for different bytes. */
  readonly etag: string
  /** Whether it was made smaller, as requested. */
  readonly resized: boolean
  /** Seconds since it was fetched from an application. */
  readonly ageSeconds: number
  /** Seconds for which it need not be requested again. */
  readonly freshSeconds: number
}

export class Posters extends Context.Service<
  Posters,
  {
    /**
     * The poster of an item, at most `width` pixels wide; the original if `width` is `null`, if it is no wider, or if no
     * image library is available. Includes posters of items that are gone, as long as they are cached.
     */
    readonly poster: (
      itemId: string,
      width: number | null
    ) => Effect.Effect<Poster, ItemNotFound | PosterNotFound | PosterUnavailable>
    /** The same of a collection, from the applications that have it. */
    readonly collectionPoster: (
      collectionId: string,
      width: number | null
    ) => Effect.Effect<Poster, CollectionNotFound | PosterNotFound | PosterUnavailable>
  }
>()("tendarr/artwork/Posters") {
  static readonly layer = Layer.effect(
    Posters,
    Effect.gen(function* () {
      const library = yield* Library
      const collections = yield* Collections
      const settings = yield* Settings
      const resizer = yield* ImageResizer
      const cache = yield* makePosterCache
      const sources = yield* makePosterSources
      const scope = yield* Effect.scope
      const originals = makeFlights<StoredPoster, PosterNotFound | PosterUnavailable>(scope)
      const thumbnails = makeFlights<StoredPoster | null, never>(scope)
      const outcomes = makeOutcomes()
      /** Images that the library could not make smaller, so that it does not try again and again. */
      const unreadable = new RecentMap<string, true>({ maximum: mostRemembered, idleMillis: Infinity })

      const mostBytes = Effect.map(settings.get(ArtworkSettings), ({ cacheMebibytes }) => cacheMebibytes * 1024 ** 2)

      /** Milliseconds for which the cached poster still counts as current; 0 = the application has to be asked. */
      const freshMillis = Effect.fnUntraced(function* ({ fetchedAt }: StoredPoster) {
        const { refreshHours } = yield* settings.get(ArtworkSettings)
        const age = (yield* Clock.currentTimeMillis) - fetchedAt
        // Setting the clock back must not keep a poster fresh for longer.
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
          // An old poster is better than none, and will be requested again.
          if (kept !== null) return kept
          return yield* new PosterUnavailable({ itemId: item.id, detail: found.detail, retryAfterSeconds })
        }
        yield* cache.drop(key)
        return yield* new PosterNotFound({ itemId: item.id })
      })

      const makeThumbnail = Effect.fnUntraced(function* (key: string, width: number, original: StoredPoster) {
        const attempt = `${original.hash} ${width}`
        if (unreadable.get(attempt) === true) return null
        const made = yield* resizer.shrink(original.bytes, width).pipe(
          Effect.catch((error) =>
            Effect.flatMap(passedMillis, (now) => {
              unreadable.set(attempt, true, now)
              return Effect.as(Effect.logDebug(error.message), null)
            })
          )
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

      const posterOf = Effect.fnUntraced(function* (item: HeldItem, width: number | null) {
        const key = keyOf(item)
        if (width !== null) return yield* atWidth(item, key, width)
        return yield* answerOf(yield* originals(key, loadOriginal(item, key)), false)
      })

      return Posters.of({
        poster: Effect.fn("Posters.poster")(function* (itemId, width) {
          return yield* posterOf(yield* library.holders(itemId), width)
        }),
        collectionPoster: Effect.fn("Posters.collectionPoster")(function* (collectionId, width) {
          return yield* posterOf(yield* collections.holders(collectionId), width)
        })
      })
    })
  )
}

/** Time until a poster that could not be refreshed is requested again. */
const leastFreshSeconds = 60
const noneMillis = 10 * 60_000
const silentMillis = 60_000
const mostRemembered = 5_000

/**
 * Depends on the identity of the item: if an item was replaced or the database was restored, another item may have the
 * same number, and must not get its poster.
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

/** Recent failures, so that the applications are not asked again immediately. */
const makeOutcomes = () => {
  const remembered = new RecentMap<string, { readonly found: Found; readonly until: number }>({
    maximum: mostRemembered,
    idleMillis: noneMillis
  })
  return {
    get: (key: string, now: number): Outcome | null => {
      const known = remembered.get(key)
      if (known === undefined || known.until <= now) return null
      return { found: known.found, retryAfterSeconds: Math.ceil((known.until - now) / 1000) }
    },
    note: (key: string, found: Found, now: number) => {
      if (found._tag === "Image") remembered.delete(key)
      else remembered.set(key, { found, until: now + pauseOf(found) }, now)
    }
  }
}
