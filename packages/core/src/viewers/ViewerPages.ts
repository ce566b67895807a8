/**
 * What people have played, requested and put on lists of their own, in pages. The accounts of a person are read one by
 * one along an index and merged, so that a page costs the same however much there is.
 */
import { Effect, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { itemKinds } from "../integrations/Observations.ts"
import { decodeCursor, encodeCursor, pageLimit, toPage } from "../storage/Pages.ts"
import { fromBit } from "../storage/Rows.ts"
import { rowId } from "../storage/RowId.ts"
import { requireDocument, textsIn } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { type ListName, listNames } from "./Listings.ts"

/** An item of the library, and the account that an entry is about. */
const place = {
  itemId: Schema.String,
  kind: Schema.Literals(itemKinds),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  identityId: Schema.String.annotate({ description: "The account, as `GET /viewers/{id}` lists it." }),
  integrationId: Schema.String,
  integration: Schema.String.annotate({ description: "Name of the integration." })
}

/** Times are ISO-8601 UTC. */
export const ViewerPlay = Schema.Struct({
  ...place,
  plays: Schema.Int.annotate({ description: "How often it was started; of a show, the sum over its episodes." }),
  firstPlayedAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = the sources do not report it." }),
  lastPlayedAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = no play has a date." }),
  seen: Schema.NullOr(Schema.Int).annotate({
    description:
      "Plays that count as watched; of a season or a show, distinct episodes. `null` = no source distinguishes them."
  }),
  furthest: Schema.NullOr(Schema.Finite).annotate({
    description: "The largest share of a movie that one play covered, 0 to 1; `null` = not reported."
  })
}).annotate({ identifier: "ViewerPlay" })
export type ViewerPlay = typeof ViewerPlay.Type

export const ViewerListing = Schema.Struct({
  ...place,
  list: Schema.Literals(listNames).annotate({
    description: "`favourites` of a media server, or the `watchlist` that a request manager reports."
  })
}).annotate({ identifier: "ViewerListing" })
export type ViewerListing = typeof ViewerListing.Type

export const requestStatuses = ["pending", "approved", "declined", "failed", "completed", "unknown"] as const

/** A request in a request manager, whether or not what it is for is in the library. Times are ISO-8601 UTC. */
export const ViewerRequest = Schema.Struct({
  id: Schema.String,
  integrationId: Schema.String,
  integration: Schema.String.annotate({ description: "Name of the integration." }),
  requestId: Schema.String.annotate({ description: "Its id in the application." }),
  kind: Schema.Literals(["movie", "show"]),
  ids: Schema.Array(Schema.String).annotate({ description: "Typed ids of the title, for example `tmdb-movie:603`." }),
  seasons: Schema.NullOr(Schema.Array(Schema.Int)).annotate({ description: "`null` = all, or a movie." }),
  status: Schema.Literals(requestStatuses),
  is4k: Schema.Boolean,
  requestedAt: Schema.NullOr(Schema.String),
  approvedAt: Schema.NullOr(Schema.String).annotate({ description: "`null` = it is not approved, or not reported." }),
  approvedBy: Schema.Array(Schema.String).annotate({ description: "All names of the person; empty = not reported." }),
  requestedBy: Schema.NullOr(
    Schema.Struct({ viewerId: Schema.String, identityId: Schema.String, name: Schema.String })
  ).annotate({ description: "`null` = the application no longer knows who requested it." }),
  itemId: Schema.NullOr(Schema.String).annotate({ description: "`null` = it is not in the library." }),
  title: Schema.NullOr(Schema.String)
}).annotate({ identifier: "ViewerRequest" })
export type ViewerRequest = typeof ViewerRequest.Type

interface Paging {
  readonly limit?: number
  readonly cursor?: string
}

export interface ViewerPlaysQuery extends Paging {
  /** Only items of this kind; by default movies and shows, whose plays contain those of the seasons. */
  readonly kind?: ViewerPlay["kind"]
}

export interface ViewerListingsQuery extends Paging {
  readonly list?: ListName
}

export interface RequestsQuery extends Paging {
  /** Id of the viewer who requested it. */
  readonly viewer?: string
  readonly itemId?: string
  readonly integrationId?: string
  readonly status?: ViewerRequest["status"]
  readonly is4k?: boolean
  /** Whether it is known who requested it. */
  readonly known?: boolean
}

/** The ids of a viewer's accounts. */
const accountsOf = (from: SqlClient.SqlClient, viewerId: string) =>
  from<{ readonly id: number }>`SELECT id FROM viewer_identities WHERE viewer_id = ${rowId(viewerId)} ORDER BY id`.pipe(
    Effect.map((rows) => rows.map(({ id }) => id)),
    Effect.orDie
  )

/** The first rows over all accounts, newest first. Each account has at most `limit + 1` of them. */
const merged = <Row extends Position>(
  accounts: ReadonlyArray<number>,
  limit: number,
  read: (account: number) => Effect.Effect<ReadonlyArray<Row>>
): Effect.Effect<ReadonlyArray<Row>> =>
  Effect.map(Effect.forEach(accounts, read), (found) => {
    const rows = found.flat()
    return (found.length < 2 ? rows : rows.toSorted(newestFirst)).slice(0, limit + 1)
  })

/** Where a row is in the order: by `at`, then by `row`, then by account. */
interface Position {
  readonly at: string
  readonly row: number
  readonly identity_id: number
}

const newestFirst = (one: Position, other: Position): number =>
  one.at === other.at ? other.row - one.row || other.identity_id - one.identity_id : one.at < other.at ? 1 : -1

const positionOf = ({ at, identity_id: account, row }: Position) => [at, row, account]

/**
 * The rows of one account after the last row of a page, in two queries: an index answers each of them, which it would not
 * for both at once. `at` and `row` are the columns of the order.
 */
const after = <Row>(
  from: SqlClient.SqlClient,
  { at, row }: { readonly at: string; readonly row: string },
  cursor: ReadonlyArray<string | number | null> | null,
  { account, limit }: { readonly account: number; readonly limit: number },
  read: (condition: Statement.Fragment) => Statement.Statement<Row>
): Effect.Effect<ReadonlyArray<Row>> =>
  Effect.gen(function* () {
    if (cursor === null) return yield* read(from`1 = 1`)
    const [lastAt = "", lastRow = 0, lastAccount = 0] = cursor
    const less = from.literal(account < Number(lastAccount) ? "<=" : "<")
    const same = yield* read(
      from`${from.literal(at)} = ${String(lastAt)} AND ${from.literal(row)} ${less} ${Number(lastRow)}`
    )
    if (same.length > limit) return same
    return [...same, ...(yield* read(from`${from.literal(at)} < ${String(lastAt)}`))].slice(0, limit + 1)
  }).pipe(Effect.orDie)

interface PlaceRow extends Position {
  readonly item_id: number
  readonly kind: ViewerPlay["kind"]
  readonly title: string
  readonly year: number | null
  readonly integration_id: number
  readonly integration: string
}

const placeColumns = `i.id AS item_id, i.kind, i.title, i.year, p.identity_id, v.integration_id,
  n.name AS integration`
const placeJoins = `CROSS JOIN items i ON i.id = p.item_id JOIN viewer_identities v ON v.id = p.identity_id
  JOIN integrations n ON n.id = v.integration_id`

const toPlace = (row: PlaceRow) => ({
  itemId: String(row.item_id),
  kind: row.kind,
  title: row.title,
  year: row.year,
  identityId: String(row.identity_id),
  integrationId: String(row.integration_id),
  integration: row.integration
})

interface PlayRow extends PlaceRow {
  readonly plays: number
  readonly first_played_at: string | null
  readonly last_played_at: string | null
  readonly seen: number | null
  readonly furthest: number | null
}

export const playsPage = Effect.fn("Viewers.plays")(function* (
  from: SqlClient.SqlClient,
  viewerId: string,
  { cursor, kind, limit: wanted }: ViewerPlaysQuery
) {
  const limit = yield* pageLimit(wanted)
  const scope = `viewers/${viewerId}/plays/${kind ?? ""}`
  const last = cursor === undefined ? null : yield* decodeCursor(scope, 3, cursor)
  const kinds = kind === undefined ? from`i.kind IN ('movie', 'show')` : from`i.kind = ${kind}`
  const order = { at: "coalesce(p.last_played_at, '')", row: "p.item_id" }
  const rows = yield* merged(yield* accountsOf(from, viewerId), limit, (account) =>
    after(
      from,
      order,
      last,
      { account, limit },
      (
        condition
      ) => from<PlayRow>`SELECT ${from.literal(placeColumns)}, coalesce(p.last_played_at, '') AS at, p.item_id AS row, p.plays,
          p.first_played_at, p.last_played_at, p.seen, p.furthest
        FROM plays p ${from.literal(placeJoins)}
        WHERE p.identity_id = ${account} AND ${kinds} AND ${condition}
        ORDER BY coalesce(p.last_played_at, '') DESC, p.item_id DESC LIMIT ${limit + 1}`
    )
  )
  return toPage(
    rows,
    limit,
    (row) => encodeCursor(scope, positionOf(row)),
    (row): ViewerPlay => ({
      ...toPlace(row),
      plays: row.plays,
      firstPlayedAt: row.first_played_at,
      lastPlayedAt: row.last_played_at,
      seen: row.seen,
      furthest: row.furthest
    })
  )
})

export const listingsPage = Effect.fn("Viewers.listings")(function* (
  from: SqlClient.SqlClient,
  viewerId: string,
  { cursor, limit: wanted, list }: ViewerListingsQuery
) {
  const limit = yield* pageLimit(wanted)
  const scope = `viewers/${viewerId}/lists/${list ?? ""}`
  const last = cursor === undefined ? null : yield* decodeCursor(scope, 3, cursor)
  const ofList = list === undefined ? from`1 = 1` : from`p.list = ${list}`
  const rows = yield* merged(yield* accountsOf(from, viewerId), limit, (account) =>
    after(
      from,
      { at: "p.list", row: "p.item_id" },
      last,
      { account, limit },
      (condition) => from<PlaceRow & { readonly list: ListName }>`
        SELECT ${from.literal(placeColumns)}, p.list AS at, p.item_id AS row, p.list
        FROM listings p ${from.literal(placeJoins)}
        WHERE p.identity_id = ${account} AND ${ofList} AND ${condition}
        ORDER BY p.list DESC, p.item_id DESC LIMIT ${limit + 1}`
    )
  )
  return toPage(
    rows,
    limit,
    (row) => encodeCursor(scope, positionOf(row)),
    (row): ViewerListing => ({ ...toPlace(row), list: row.list })
  )
})

interface RequestRow extends Position {
  readonly integration_id: number
  readonly integration: string
  readonly request_id: string
  readonly viewer_id: number | null
  readonly viewer: string | null
  readonly identity: number | null
  readonly kind: ViewerRequest["kind"]
  readonly ids: string
  readonly seasons: string | null
  readonly status: ViewerRequest["status"]
  readonly is_4k: number
  readonly requested_at: string | null
  readonly approved_at: string | null
  readonly approved_by: string | null
  readonly item: string | null
}

const formats = {
  ids: textsIn("requests", "ids"),
  seasons: documentFormat("requests", "seasons", Schema.Array(Schema.Int)),
  approvedBy: textsIn("requests", "approved_by")
}

export const requestsPage = Effect.fn("Viewers.requests")(function* (from: SqlClient.SqlClient, query: RequestsQuery) {
  const { cursor, integrationId, is4k, itemId, known, status, viewer } = query
  const limit = yield* pageLimit(query.limit)
  const scope = `requests/${[viewer, itemId, integrationId, status, is4k, known].map((one) => one ?? "").join("/")}`
  const last = cursor === undefined ? null : yield* decodeCursor(scope, 3, cursor)
  const conditions = [
    ...(itemId === undefined
      ? []
      : [from`r.id IN (SELECT request_id FROM item_requests WHERE item_id = ${rowId(itemId)})`]),
    ...(integrationId === undefined ? [] : [from`r.integration_id = ${rowId(integrationId)}`]),
    ...(status === undefined ? [] : [from`r.status = ${status}`]),
    ...(is4k === undefined ? [] : [from`r.is_4k = ${is4k ? 1 : 0}`]),
    ...(known === undefined ? [] : [known ? from`r.identity_id IS NOT NULL` : from`r.identity_id IS NULL`])
  ]
  const read = (account: number, own: ReadonlyArray<Statement.Fragment>) =>
    after(
      from,
      { at: "coalesce(r.requested_at, '')", row: "r.id" },
      last,
      { account, limit },
      (
        condition
      ) => from<RequestRow>`SELECT coalesce(r.requested_at, '') AS at, r.id AS row, coalesce(r.identity_id, 0) AS identity_id,
          r.integration_id, n.name AS integration, r.request_id, v.viewer_id, w.name AS viewer, r.identity_id AS identity,
          r.kind, r.ids, r.seasons, r.status, r.is_4k, r.requested_at, r.approved_at, r.approved_by,
          (SELECT i.id || ' ' || i.title FROM item_requests o JOIN items i ON i.id = o.item_id
            WHERE o.request_id = r.id ORDER BY i.kind <> r.kind, i.id LIMIT 1) AS item
        FROM requests r JOIN integrations n ON n.id = r.integration_id
          LEFT JOIN viewer_identities v ON v.id = r.identity_id LEFT JOIN viewers w ON w.id = v.viewer_id
        WHERE ${from.and([...own, ...conditions, from`n.deleted_at IS NULL`, condition])}
        ORDER BY coalesce(r.requested_at, '') DESC, r.id DESC LIMIT ${limit + 1}`
    )
  const rows =
    viewer === undefined
      ? // The account is no part of the order: each request is in it once.
        yield* read(Number.MAX_SAFE_INTEGER, [])
      : yield* merged(yield* accountsOf(from, viewer), limit, (account) =>
          read(account, [from`r.identity_id = ${account}`])
        )
  return toPage(rows, limit, (row) => encodeCursor(scope, positionOf(row)), toRequest)
})

const toRequest = (row: RequestRow): ViewerRequest => {
  const id = String(row.row)
  const space = row.item?.indexOf(" ") ?? 0
  return {
    id,
    integrationId: String(row.integration_id),
    integration: row.integration,
    requestId: row.request_id,
    kind: row.kind,
    ids: requireDocument(formats.ids, id, row.ids),
    seasons: row.seasons === null ? null : requireDocument(formats.seasons, id, row.seasons),
    status: row.status,
    is4k: fromBit(row.is_4k),
    requestedAt: row.requested_at,
    approvedAt: row.approved_at,
    approvedBy: row.approved_by === null ? [] : requireDocument(formats.approvedBy, id, row.approved_by),
    requestedBy:
      row.viewer_id === null || row.viewer === null || row.identity === null
        ? null
        : { viewerId: String(row.viewer_id), identityId: String(row.identity), name: row.viewer },
    itemId: row.item?.slice(0, space) ?? null,
    title: row.item?.slice(space + 1) ?? null
  }
}
