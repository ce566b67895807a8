/**
 * Deleting the entry of a title with its requests. One entry holds the requests for the usual copy and for the 4K copy:
 * if only one of the two is meant and the entry is about the other one too, the requests are deleted one by one, and the
 * entry is told that it no longer has that copy. The entry is found in the lists: `GET movie/{tmdbId}` fails while the
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
/** The state of one copy of an entry. */
const copyShape = /^(media\/[1-9]\d{0,14})\/(4k|usual)$/

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
    const { is4k } = target
    const isOfCopy = (request: MediaRequest) => is4k === null || (request.is4k === true) === is4k
    if (target.seasonNumber !== null) {
      const own = asked.filter(
        (request) =>
          isOfCopy(request) &&
          (request.seasons ?? []).length > 0 &&
          (request.seasons ?? []).every((one) => one.seasonNumber === target.seasonNumber)
      )
      if (own.length === 0 && !requests.isWhole) return yield* malformed(`GET ${api}/request`, unread)
      return own.map(({ id }) => `request/${id}`)
    }
    const media = yield* pagesOf(`${api}/media`, Media, { filter: "all" })
    const entries = new Map<string, Pick<Media, "status" | "status4k">>()
    for (const { media: of } of asked) if (of?.id !== null && of?.id !== undefined) entries.set(of.id, of)
    for (const one of media.rows) if (isOf(target, one) && !isBlocked(one)) entries.set(one.id, one)
    const isWhole = requests.isWhole && media.isWhole
    const keys = [...entries].flatMap(([id, entry]) => {
      const own = asked.filter((request) => request.media?.id === id)
      // An unreadable request may be for the other copy.
      const isAlone = is4k === null || (requests.isWhole && own.every(isOfCopy) && !has(entry, !is4k))
      if (isAlone) return is4k === null || own.length > 0 || has(entry, is4k) ? [`media/${id}`] : []
      return [
        ...own.filter(isOfCopy).map((request) => `request/${request.id}`),
        ...(has(entry, is4k) ? [`media/${id}/${is4k ? "4k" : "usual"}`] : [])
      ]
    })
    if (keys.length === 0 && !isWhole) return yield* malformed(`GET ${api}/media`, unread)
    return keys
  })

  /** Whether an entry is in any state with one of its copies that prevents another request for it. */
  const has = (entry: Pick<Media, "status" | "status4k">, is4k: boolean): boolean => {
    const status = is4k ? entry.status4k : entry.status
    const isDeleted = blocklisted !== null && Number(status) === deleted
    return status !== null && status !== undefined && Number(status) !== unknown && !isDeleted
  }

  const reset = Effect.fn("Seerr.resetRequest")(function* (key: string) {
    const copy = copyShape.exec(key)
    if (copy !== null) {
      yield* upstream.send("POST", `${api}/${copy[1]}/unknown`, { json: { is4k: copy[2] === "4k" } })
      return
    }
    if (!keyShape.test(key)) return yield* malformed(`DELETE ${api}`, `"${key}" is not an entry of this application`)
    yield* upstream.send("DELETE", `${api}/${key}`)
  })

  return { find, reset }
}

/** States of an entry. Only applications with a blocklist know when a title was deleted. */
const unknown = 1
const deleted = 7

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
