/**
 * The watchlists of the users. The application stores those of users of Jellyfin and Emby and of local users itself; it
 * asks plex.tv for those of Plex accounts, and reports an empty list if it gets no answer, or has no token of the user.
 */
import { Effect, Schema } from "effect"
import type { Progress, WantedIds } from "../../Kind.ts"
import type { WatchlistEntry } from "../../Observations.ts"
import { OddRecords } from "../../OddRecords.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { LenientKey, LenientNumber, maybe } from "../Lenient.ts"
import { isFor } from "../Meant.ts"
import { readPages, withGaps } from "../Paging.ts"
import { idOf, textOrNull } from "../Values.ts"
import { accountOfUser, api, namesOfUser, pageSize, RequestPage, SeerrUser } from "./Requests.ts"

/** `certain`: an empty list of a Plex account counts as unread. `reported`: only if those of all Plex accounts are empty. */
export const watchlistChoices = ["off", "certain", "reported"] as const
export type WatchlistChoice = (typeof watchlistChoices)[number]

const User = Schema.Struct({ ...SeerrUser.fields, id: LenientKey, userType: maybe(LenientNumber) })
type User = typeof User.Type

const ListPage = Schema.Struct({
  totalPages: LenientNumber,
  totalResults: maybe(LenientNumber),
  results: Schema.Array(Schema.Unknown)
})
const Entry = Schema.Struct({ tmdbId: maybe(LenientNumber), mediaType: Schema.String })

/** More pages than anybody has entries for: an application that always announces another page is not followed. */
const mostPages = 500

const ofPlex = 1

export interface WatchlistsOf {
  readonly upstream: Upstream
  readonly integration: string
  readonly choice: Exclude<WatchlistChoice, "off">
}

export const readWatchlists = Effect.fn("Seerr.readWatchlists")(function* (
  { choice, integration, upstream }: WatchlistsOf,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<WatchlistEntry>, UpstreamError> {
  const users = yield* readPages({
    integration,
    call: `GET ${api}/user`,
    pageSize,
    keyOf: (user: User | null) => user?.id ?? null,
    fetch: (skip) =>
      upstream
        .getPage(
          `${api}/user`,
          { head: RequestPage, rowsOf: (head) => head.results, row: User },
          { query: { take: pageSize, skip, sort: "created" }, odd, oddFrom: skip }
        )
        .pipe(
          Effect.map(({ head, rows }) => ({
            rows: withGaps(rows, head.results.length),
            total: head.pageInfo.results
          }))
        )
  })
  const lists: Array<UserList> = []
  let position = 0
  for (const user of users) {
    if (user === null) {
      const detail = "a user of the application could not be read"
      lists.push({ user: null, entries: [], unread: detail })
      odd.note(`user at ${position}`, `${detail}: who has what on a watchlist is not known`)
    } else lists.push({ user, ...(yield* readList(upstream, integration, user)) })
    yield* progress(++position, users.length)
  }
  const plex = lists.filter(({ user }) => user !== null && isPlex(user))
  const mayBeDown = choice === "certain" || plex.every(({ entries }) => entries.length === 0)
  return lists.flatMap(({ entries, unread, user }, index): ReadonlyArray<WatchlistEntry> => {
    const why =
      unread ??
      (user !== null && isPlex(user) && entries.length === 0 && mayBeDown
        ? "it is empty, or the application has no answer of plex.tv"
        : null)
    const holder = holderOf(user)
    if (why !== null) odd.note(`watchlist of ${holder.holderNames[0] ?? `user ${index}`}`, why)
    return [
      ...entries.map(({ id, kind }) => ({ entryId: `${user?.id ?? ""}/${id}`, kind, ids: [id], ...holder })),
      ...(why === null
        ? []
        : [{ entryId: `${user?.id ?? `#${index}`}/unread`, kind: null, ids: [], ...holder, unread: why }])
    ]
  })
})

/** The lists cannot be asked about one title. */
export const rereadWatchlists = (of: WatchlistsOf, wanted: WantedIds) =>
  Effect.map(
    readWatchlists(of, () => Effect.void, new OddRecords()),
    (all) => all.filter((entry) => entry.unread !== undefined || isFor(wanted)(entry))
  )

interface Listed {
  readonly id: string
  readonly kind: "movie" | "show"
}

interface UserList {
  readonly user: User | null
  readonly entries: ReadonlyArray<Listed>
  /** Why there may be more; `null` = the list is complete. */
  readonly unread: string | null
}

/** A refusal is about this user alone; if the application does not answer, the whole reading fails. */
const readList = (
  upstream: Upstream,
  integration: string,
  user: User
): Effect.Effect<Omit<UserList, "user">, UpstreamError> =>
  Effect.gen(function* () {
    const entries = new Map<string, Listed>()
    let unread: string | null = null
    const path = `${api}/user/${user.id}/watchlist`
    for (let page = 1, pages = 1; page <= pages; page++) {
      const odd = new OddRecords()
      const { head, rows } = yield* upstream.getPage(
        path,
        { head: ListPage, rowsOf: ({ results }) => results, row: Entry },
        { query: { page }, odd }
      )
      pages = head.totalPages ?? 1
      if (pages > mostPages) {
        return yield* new UpstreamMalformed({ integration, call: `GET ${path}`, detail: `it announces ${pages} pages` })
      }
      for (const { mediaType, tmdbId } of rows) {
        const kind = mediaType === "movie" ? "movie" : "show"
        const [id] = mediaType === "movie" || mediaType === "tv" ? idOf(`tmdb-${kind}`, tmdbId) : []
        if (id === undefined) unread ??= "an entry has no readable id"
        else entries.set(id, { id, kind })
      }
      if (rows.length < head.results.length) unread ??= "an entry could not be read"
    }
    return { entries: [...entries.values()], unread }
  }).pipe(
    // The key is accepted: the users were read with it.
    Effect.catchTags({
      UpstreamRefused: ({ message }) => Effect.succeed({ entries: [], unread: message }),
      UpstreamUnauthorized: ({ message }) => Effect.succeed({ entries: [], unread: message })
    })
  )

const isPlex = ({ plexId, userType }: User): boolean => Number(userType) === ofPlex || textOrNull(plexId) !== null

const holderOf = (user: User | null): Pick<WatchlistEntry, "holderNames" | "holder"> => {
  const { requester } = accountOfUser(user)
  return { holderNames: namesOfUser(user), ...(requester === undefined ? {} : { holder: requester }) }
}
