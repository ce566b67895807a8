/** The collections of Radarr, with the movies that it does not have, and their posters. */
import { Effect, Schema } from "effect"
import type { CollectionRecord } from "../../CollectionCapability.ts"
import type { ArtworkLimits } from "../../Kind.ts"
import { OddRecords } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { posterAt } from "../PosterAt.ts"
import { positiveOrNull, textOrNull } from "../Values.ts"
import type { ArrAccess } from "./Arr.ts"

const Member = Schema.Struct({
  tmdbId: Schema.Int,
  title: maybe(Schema.String),
  year: maybe(Schema.Int),
  isExisting: maybe(Schema.Boolean)
})

const Collection = Schema.Struct({
  id: Schema.Int,
  title: maybe(Schema.String),
  tmdbId: maybe(Schema.Int),
  overview: maybe(Schema.String),
  movies: maybe(Schema.Array(Schema.Unknown))
})

const Images = Schema.Struct({
  images: maybe(Schema.Array(Schema.Struct({ coverType: maybe(Schema.String), url: maybe(Schema.String) })))
})

const isMember = Schema.is(Member)

export const readCollections = Effect.fn("Movies.readCollections")(function* ({
  application,
  upstream
}: ArrAccess): Effect.fn.Return<ReadonlyArray<CollectionRecord>, UpstreamError> {
  const rows = yield* upstream.getArray(`${application.api}/collection`, Collection, { odd: new OddRecords() })
  return rows.flatMap(({ id, movies, overview, title, tmdbId }): ReadonlyArray<CollectionRecord> => {
    const name = textOrNull(title)
    if (name === null) return []
    const listed = movies ?? []
    const members = listed.filter(isMember)
    return [
      {
        key: String(id),
        title: name,
        tmdbId: positiveOrNull(tmdbId),
        overview: textOrNull(overview),
        // With a member that cannot be read, the list of those that are missing may be wrong.
        missing:
          movies === undefined || movies === null || members.length < listed.length
            ? null
            : members
                .filter(({ isExisting }) => isExisting !== true)
                .map((member) => ({
                  tmdbId: member.tmdbId,
                  title: textOrNull(member.title) ?? `TMDB ${member.tmdbId}`,
                  year: positiveOrNull(member.year)
                }))
      }
    ]
  })
})

/** Its own address of the image changes, so it is asked for; an address at another host is not followed. */
export const collectionPoster = Effect.fn("Movies.collectionPoster")(function* (
  { application, upstream }: Pick<ArrAccess, "application" | "upstream">,
  key: string,
  limits: ArtworkLimits
): Effect.fn.Return<Uint8Array | null, UpstreamError> {
  if (!/^\d{1,15}$/.test(key)) return null
  const { images } = yield* upstream.get(`${application.api}/collection/${key}`, Images)
  const path = textOrNull(images?.find(({ coverType }) => coverType === "poster")?.url)
  const own = /^\/(?:[^/].*?\/)?(MediaCover(?:Proxy)?\/[^?#]+)/.exec(path ?? "")?.[1]
  return own === undefined || own.includes("..") ? null : yield* posterAt(upstream, [own], limits)
})
