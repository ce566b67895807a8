/**
 * Deleting the entry of a title with its requests. The entry is found in the lists: `GET movie/{tmdbId}` fails while the
 * metadata provider does not answer.
 */
import { Effect, Schema } from "effect"
import type { RequestReset, ResetTarget } from "../../RequestReset.ts"
import { OddRecords } from "../../OddRecords.ts"
import type { Upstream } from "../../Upstream.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { LenientKey, maybe } from "../Lenient.ts"
import { isFor } from "../Meant.ts"
import { readPages, withGaps } from "../Paging.ts"
import { idOf } from "../Values.ts"
import { api, entryOf, MediaRequest, pageSize, RequestPage } from "./Requests.ts"

/** An entry of a title; it may exist without a request. */
const Media = Schema.Struct({
  id: LenientKey,
  mediaType: Schema.String,
  status: Schema.optionalKey(Schema.Unknown),
  status4k: Schema.optionalKey(Schema.Unknown),
  tmdbId: maybe(Schema.Number),
  tvdbId: maybe(Schema.Number),
  imdbId: maybe(Schema.String)
})
type Media = typeof Media.Type

const keyShape = /^(media|request)\/[1-9]\d{0,14}$/

export const requestReset = (upstream: Upstream, integration: string, blocklisted: number | null): RequestReset => {
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  /** Fails if nothing matches and a row could not be read: that row may be the one. */
  const pagesOf = <Row extends { readonly id: string }>(
    path: string,
    row: Schema.Codec<Row, unknown>,
    query: Readonly<Record<string, string>>
  ) =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const rows = yield* readPages({
        integration,
        call: `GET ${path}`,
        pageSize,
        keyOf: (one: Row | null) => one?.id ?? null,
        fetch: (skip) =>
          upstream
            .getPage(
              path,
              { head: RequestPage, rowsOf: (head) => head.results, row },
              { query: { take: pageSize, skip, sort: "added", ...query }, odd, oddFrom: skip }
            )
            .pipe(
              Effect.map(({ head, rows }) => ({
                rows: withGaps(rows, head.results.length),
                total: head.pageInfo.results
              }))
            )
      })
      return { rows: rows.flatMap((one) => one ?? []), isWhole: rows.every((one) => one !== null) }
    })

  /** What a person has blocked stays blocked. */
  const isBlocked = (media: Pick<Media, "status" | "status4k"> | null | undefined): boolean =>
    blocklisted !== null && [media?.status, media?.status4k].some((status) => Number(status) === blocklisted)

  const find = Effect.fn("Seerr.findRequests")(function* (target: ResetTarget) {
    const requests = yield* pagesOf(`${api}/request`, MediaRequest, { filter: "all" })
    const isMeant = isFor(target)
    const asked = requests.rows.filter((request) => {
      const entry = entryOf(request)
      return entry !== null && isMeant(entry) && !isBlocked(request.media)
    })
    if (target.seasonNumber !== null) {
      const own = asked.filter(
        ({ seasons }) =>
          (seasons ?? []).length > 0 && (seasons ?? []).every((one) => one.seasonNumber === target.seasonNumber)
      )
      if (own.length === 0 && !requests.isWhole) return yield* malformed(`GET ${api}/request`, unread)
      return own.map(({ id }) => `request/${id}`)
    }
    const media = yield* pagesOf(`${api}/media`, Media, { filter: "all" })
    const listed = media.rows.filter((one) => isOf(target, one) && !isBlocked(one)).map(({ id }) => id)
    const keys = [...new Set([...listed, ...asked.flatMap((request) => request.media?.id ?? [])])]
    if (keys.length === 0 && !(requests.isWhole && media.isWhole)) return yield* malformed(`GET ${api}/media`, unread)
    return keys.map((id) => `media/${id}`)
  })

  const reset = Effect.fn("Seerr.resetRequest")(function* (key: string) {
    if (!keyShape.test(key)) return yield* malformed(`DELETE ${api}`, `"${key}" is not an entry of this application`)
    yield* upstream.send("DELETE", `${api}/${key}`)
  })

  return { find, reset }
}

const unread = "a record could not be read, and may be the request that is looked for"

const isOf = ({ ids, kind }: ResetTarget, media: Media): boolean => {
  const isMovie = media.mediaType === "movie"
  if (isMovie !== (kind === "movie") || (!isMovie && media.mediaType !== "tv")) return false
  return [
    ...idOf(isMovie ? "tmdb-movie" : "tmdb-show", media.tmdbId),
    ...(isMovie ? [] : idOf("tvdb", media.tvdbId)),
    ...idOf("imdb", media.imdbId)
  ].some((id) => ids.includes(id))
}
