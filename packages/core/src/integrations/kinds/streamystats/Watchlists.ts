/** The watchlists in Streamystats: named lists of titles, which their owners may make public. */
import { Effect, Schema } from "effect"
import type { Progress } from "../../Kind.ts"
import type { WatchlistEntry } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { LenientKey, LenientString, maybe } from "../Lenient.ts"
import { serverAccount, textOrNull } from "../Values.ts"

/** `certain`: private lists may contain any title. `public`: only the lists that are shown count. */
export const watchlistChoices = ["off", "certain", "public"] as const
export type WatchlistChoice = (typeof watchlistChoices)[number]

const text = Schema.optionalKey(LenientString)

/** Also for lists of other media servers: those of all servers are in one table. */
const List = Schema.Struct({ id: LenientKey, serverId: LenientKey, userId: LenientKey })

const Lists = Schema.Struct({ data: Schema.Array(Schema.Unknown) })
const Contents = Schema.Struct({ data: Schema.Struct({ items: Schema.Array(Schema.Unknown) }) })

const Entry = Schema.Struct({
  itemId: LenientKey,
  item: maybe(Schema.Struct({ type: text, seriesId: text }))
})

export interface WatchlistsOf {
  readonly upstream: Upstream
  readonly serverId: Effect.Effect<string, UpstreamError>
  readonly choice: Exclude<WatchlistChoice, "off">
}

export const readWatchlists = Effect.fn("Streamystats.readWatchlists")(function* (
  { choice, serverId: selected, upstream }: WatchlistsOf,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<WatchlistEntry>, UpstreamError> {
  const serverId = yield* selected
  const found: Array<WatchlistEntry> = []
  const lists = yield* upstream.getPage(
    "api/watchlists",
    { head: Lists, rowsOf: ({ data }) => data, row: List },
    { odd }
  )
  if (lists.rows.length < lists.head.data.length) {
    found.push({ ...nobody, entryId: "lists", unread: "a watchlist could not be read" })
  }
  const own = lists.rows.filter((list) => list.serverId === serverId)
  for (const [position, { id, userId }] of own.entries()) {
    const path = `api/watchlists/${encodeURIComponent(id)}`
    const { head, rows } = yield* upstream.getPage(
      path,
      { head: Contents, rowsOf: ({ data }) => data.items, row: Entry },
      { odd }
    )
    const holder = holderOf(userId)
    if (rows.length < head.data.items.length) {
      found.push({ ...nobody, ...holder, entryId: `${id}/unread`, unread: "an entry could not be read" })
    }
    for (const { item, itemId } of rows) {
      const entryId = `${id}/${itemId}`
      const listed = titleOf(itemId, item ?? {})
      if (listed === "unread") found.push({ ...nobody, ...holder, entryId, unread: "an entry has no readable title" })
      else if (listed !== null) found.push({ entryId, ids: [], ...listed, ...holder })
    }
    yield* progress(position + 1, own.length)
  }
  if (choice === "certain") {
    odd.note("watchlists", "private lists of other people are not shown")
    found.push({ ...nobody, entryId: "private", unread: "private lists of other people are not shown" })
  }
  return found
})

const nobody = { kind: null, ids: [], holderNames: [] }

/** The application does not name the owner of a list. The id is the one that the account has in Jellyfin. */
const holderOf = (userId: string): Pick<WatchlistEntry, "holderNames" | "holder"> => {
  const { id = userId, sharedIds = [] } = serverAccount(userId, null).account ?? {}
  return { holderNames: [userId], holder: { id, sharedIds } }
}

/** A movie, or the show that a listed season or episode belongs to; `null` for what is neither, such as music. */
const titleOf = (
  itemId: string,
  { seriesId, type }: { readonly type?: string | null; readonly seriesId?: string | null }
): { readonly kind: "movie" | "show"; readonly serverItemId: string } | "unread" | null => {
  switch (type) {
    case "Movie":
      return { kind: "movie", serverItemId: itemId }
    case "Series":
      return { kind: "show", serverItemId: itemId }
    case "Season":
    case "Episode": {
      const show = textOrNull(seriesId)
      return show === null ? "unread" : { kind: "show", serverItemId: show }
    }
    case null:
    case undefined:
      return "unread"
    default:
      return null
  }
}
