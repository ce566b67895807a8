/**
 * The people who play and request things. A sync creates them; a person says which accounts are of one person, and which
 * are not. A person's decisions survive every later sync.
 */
import { Context, Effect, Layer, Ref } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { InvalidRequest } from "../problems/Problem.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { ReadSql } from "../storage/Database.ts"
import { likeAnyCase } from "../storage/Dialect.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit, toPage } from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { type IdentityRow, insertViewer, toIdentity } from "./Identities.ts"
import {
  type Viewer,
  type ViewerIdentity,
  ViewerNotFound,
  type ViewerQuery,
  type ViewersSplit,
  type ViewerSummary
} from "./Viewer.ts"
import { ViewerEvents } from "./ViewerEvents.ts"
import {
  listingsPage,
  playsPage,
  type RequestsQuery,
  requestsPage,
  type ViewerListing,
  type ViewerListingsQuery,
  type ViewerPlay,
  type ViewerPlaysQuery,
  type ViewerRequest
} from "./ViewerPages.ts"

export type JoinViewers = (
  id: string,
  viewerIds: ReadonlyArray<string>,
  expectedVersion?: number
) => Effect.Effect<Viewer, InvalidRequest | ViewerNotFound | VersionConflict>

export type SplitViewer = (
  id: string,
  identityIds: ReadonlyArray<string>,
  expectedVersion?: number
) => Effect.Effect<ViewersSplit, InvalidRequest | ViewerNotFound | VersionConflict>

export class Viewers extends Context.Service<
  Viewers,
  {
    /** By name, in pages. */
    readonly list: (query?: ViewerQuery) => Effect.Effect<Page<ViewerSummary>, InvalidRequest>
    readonly get: (id: string) => Effect.Effect<Viewer, ViewerNotFound>
    /** What they have played, the newest first. */
    readonly plays: (
      id: string,
      query?: ViewerPlaysQuery
    ) => Effect.Effect<Page<ViewerPlay>, InvalidRequest | ViewerNotFound>
    /** What they have marked as a favourite or put on their watchlist. */
    readonly listings: (
      id: string,
      query?: ViewerListingsQuery
    ) => Effect.Effect<Page<ViewerListing>, InvalidRequest | ViewerNotFound>
    /** What they have requested, the newest first. */
    readonly requestsOf: (
      id: string,
      query?: RequestsQuery
    ) => Effect.Effect<Page<ViewerRequest>, InvalidRequest | ViewerNotFound>
    /** Requests of everybody, the newest first. */
    readonly requests: (query?: RequestsQuery) => Effect.Effect<Page<ViewerRequest>, InvalidRequest>
    /** Makes other viewers a part of this one: they are the same person. */
    readonly join: JoinViewers
    /** Makes accounts of a viewer a separate viewer: they belong to another person. */
    readonly split: SplitViewer
    /** Like `join`, for many within the caller's transaction: the caller runs `changed` after it. */
    readonly joinWithin: JoinViewers
    /** Like `split`, in the same way. */
    readonly splitWithin: SplitViewer
    /** Registers a step that runs after viewers were joined or split, before the answer. */
    readonly onChanged: (step: Effect.Effect<void>) => Effect.Effect<void>
    /** Runs these steps. To be called by whoever else has placed accounts. */
    readonly changed: Effect.Effect<void>
  }
>()("tendarr/viewers/Viewers") {
  static readonly layer = Layer.effect(
    Viewers,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const events = yield* EventLog
      const steps = yield* Ref.make<ReadonlyArray<Effect.Effect<void>>>([])
      const changed = Effect.flatMap(Ref.get(steps), (all) => Effect.all(all, { discard: true }))
      const readFrom = Effect.map(inTransaction(sql), (within) => (within ? sql : reader))

      const list = Effect.fn("Viewers.list")(function* (query: ViewerQuery = {}) {
        const from = yield* readFrom
        const limit = yield* pageLimit(query.limit)
        const q = query.q?.trim() ?? ""
        const scope = `viewers/${q}`
        const after = query.cursor === undefined ? null : yield* decodeCursor(scope, 2, query.cursor)
        const named = from`(${likeAnyCase(from, "viewers.name", q)} OR EXISTS (SELECT 1 FROM viewer_identities
          WHERE viewer_id = viewers.id AND ${likeAnyCase(from, "viewer_identities.names", q)}))`
        const rows = yield* Effect.orDie(
          from<ViewerRow>`SELECT * FROM viewers WHERE ${from.and([
            ...(q === "" ? [] : [named]),
            ...(after === null ? [] : [from`(viewers.name, viewers.id) > (${String(after[0])}, ${Number(after[1])})`]),
            from`1 = 1`
          ])} ORDER BY viewers.name, viewers.id LIMIT ${limit + 1}`
        )
        const ids = rows.map(({ id }) => id)
        const known = yield* identitiesOf(from, ids)
        const totals = yield* totalsOf(from, ids)
        return toPage(
          rows,
          limit,
          ({ id, name }) => encodeCursor(scope, [name, id]),
          (row): ViewerSummary => ({
            ...toSummary(row, totals.get(row.id)),
            integrations: [...new Set(known.flatMap((one) => (one.viewer_id === row.id ? [one.integration] : [])))]
          })
        )
      })

      const find = Effect.fnUntraced(function* (from: SqlClient.SqlClient, id: string) {
        const [row] = yield* Effect.orDie(from<ViewerRow>`SELECT * FROM viewers WHERE id = ${rowId(id)}`)
        if (row === undefined) return yield* new ViewerNotFound({ viewerId: id })
        const identities = yield* identitiesOf(from, [row.id])
        const totals = yield* totalsOf(from, [row.id])
        return { ...toSummary(row, totals.get(row.id)), identities: identities.map(toViewerIdentity) } satisfies Viewer
      })

      const findCurrent = Effect.fnUntraced(function* (id: string, expectedVersion: number | undefined) {
        const viewer = yield* find(sql, id)
        if (expectedVersion !== undefined && expectedVersion !== viewer.version) {
          return yield* new VersionConflict({ version: viewer.version })
        }
        return viewer
      })

      /** Everything that a person has placed stays, including the accounts that the viewer had before. */
      const place = Effect.fnUntraced(function* (
        identities: ReadonlyArray<ViewerIdentity>,
        viewerId: string,
        at: string
      ) {
        const ids = identities.map(({ id }) => Number(id))
        yield* sql`UPDATE viewer_identities SET viewer_id = ${Number(viewerId)}, placed_by = 'person', updated_at = ${at}
          WHERE ${sql.in("id", ids)}`
      }, Effect.orDie)

      const touch = (id: string, at: string) =>
        Effect.orDie(sql`UPDATE viewers SET version = version + 1, updated_at = ${at} WHERE id = ${Number(id)}`)

      const joinWithin = Effect.fnUntraced(function* (
        id: string,
        viewerIds: ReadonlyArray<string>,
        expectedVersion?: number
      ) {
        const at = yield* nowIso
        return yield* transact(
          Effect.gen(function* () {
            const viewer = yield* findCurrent(id, expectedVersion)
            const others: Array<Viewer> = []
            const errors: Array<InvalidRequest["errors"][number]> = []
            for (const [index, other] of viewerIds.entries()) {
              const path = ["payload", "viewerIds", index]
              const found = yield* Effect.option(find(sql, other))
              if (other === id) errors.push({ path, message: "is the viewer itself" })
              else if (viewerIds.indexOf(other) !== index) errors.push({ path, message: "is named twice" })
              else if (found._tag === "None") errors.push({ path, message: `there is no viewer ${other}` })
              else others.push(found.value)
            }
            if (errors.length > 0) return yield* new InvalidRequest({ detail: "These cannot be joined", errors })
            const identities = others.flatMap((other) => other.identities)
            yield* place([...viewer.identities, ...identities], id, at)
            yield* touch(id, at)
            yield* events.append(
              ViewerEvents.joined.make({
                subject: id,
                message: `${others.map(({ name }) => `"${name}"`).join(", ")} and "${viewer.name}" are one person`,
                payload: {
                  viewers: others.map(({ id: gone, name }) => ({ id: gone, name })),
                  identities: movedOf(identities)
                }
              })
            )
            return yield* find(sql, id)
          })
        )
      })
      // Read again: whose names others have too is only known after the change.
      const join = Effect.fn("Viewers.join")(function* (...given: Parameters<typeof joinWithin>) {
        const { id } = yield* joinWithin(...given)
        yield* changed
        return yield* find(sql, id)
      })

      const splitWithin = Effect.fnUntraced(function* (
        id: string,
        identityIds: ReadonlyArray<string>,
        expectedVersion?: number
      ) {
        const at = yield* nowIso
        return yield* transact(
          Effect.gen(function* () {
            const viewer = yield* findCurrent(id, expectedVersion)
            const errors = identityIds.flatMap((one, index) =>
              viewer.identities.some((identity) => identity.id === one)
                ? []
                : [{ path: ["payload", "identityIds", index], message: `is not an account of "${viewer.name}"` }]
            )
            const moved = viewer.identities.filter((identity) => identityIds.includes(identity.id))
            const [first] = moved
            if (errors.length > 0 || first === undefined) {
              return yield* new InvalidRequest({ detail: "These cannot be split off", errors })
            }
            if (moved.length === viewer.identities.length) {
              const message = "are all accounts of the viewer; one of them must stay"
              return yield* new InvalidRequest({
                detail: "These cannot be split off",
                errors: [{ path: ["payload", "identityIds"], message }]
              })
            }
            yield* place(viewer.identities, id, at)
            const other = yield* Effect.orDie(insertViewer(sql, first.name, at))
            yield* place(moved, other, at)
            yield* touch(id, at)
            yield* events.append(
              ViewerEvents.split.make({
                subject: id,
                message: `${moved.map(({ integration, name }) => `"${name}" of ${integration}`).join(", ")} and "${viewer.name}" are different people`,
                payload: { viewerId: other, identities: movedOf(moved) }
              })
            )
            return { viewer: yield* find(sql, id), split: yield* find(sql, other) }
          })
        )
      })
      const split = Effect.fn("Viewers.split")(function* (...given: Parameters<typeof splitWithin>) {
        const both = yield* splitWithin(...given)
        yield* changed
        return { viewer: yield* find(sql, both.viewer.id), split: yield* find(sql, both.split.id) }
      })

      /** A page about a viewer who exists. */
      const pageOf =
        <Query, A>(read: (from: SqlClient.SqlClient, id: string, query: Query) => Effect.Effect<A, InvalidRequest>) =>
        (id: string, query: Query = {} as Query) =>
          Effect.gen(function* () {
            const from = yield* readFrom
            // First, so that an invalid request is refused in the same way for every viewer.
            const page = yield* read(from, id, query)
            const [row] = yield* Effect.orDie(from`SELECT 1 FROM viewers WHERE id = ${rowId(id)}`)
            return row === undefined ? yield* new ViewerNotFound({ viewerId: id }) : page
          })

      return Viewers.of({
        list,
        get: Effect.fn("Viewers.get")((id) => Effect.flatMap(readFrom, (from) => find(from, id))),
        plays: pageOf(playsPage),
        listings: pageOf(listingsPage),
        requestsOf: pageOf((from, viewer, query: RequestsQuery) => requestsPage(from, { ...query, viewer })),
        requests: (query = {}) => Effect.flatMap(readFrom, (from) => requestsPage(from, query)),
        join,
        split,
        joinWithin,
        splitWithin,
        changed,
        onChanged: (step) => Ref.update(steps, (all) => [...all, step])
      })
    })
  )
}

interface Totals {
  readonly items: number | null
  readonly plays: number | null
  readonly last_played_at: string | null
}

interface ViewerRow {
  readonly id: number
  readonly name: string
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
}

interface OwnIdentityRow extends IdentityRow, Totals {
  readonly integration: string
}

/** Plays of movies and shows, which contain those of their seasons, by viewer or by account of these viewers. */
const totalsBy = (from: SqlClient.SqlClient, owner: "viewer_id" | "id", viewerIds: ReadonlyArray<number>) =>
  from`SELECT viewer_identities.${from.literal(owner)} AS owner, count(DISTINCT plays.item_id) AS items,
      sum(plays.plays) AS plays, max(plays.last_played_at) AS last_played_at
    FROM viewer_identities JOIN plays ON plays.identity_id = viewer_identities.id JOIN items ON items.id = plays.item_id
    WHERE ${from.in("viewer_identities.viewer_id", viewerIds)} AND items.kind IN ('movie', 'show')
    GROUP BY viewer_identities.${from.literal(owner)}`

const totalsOf = Effect.fnUntraced(function* (from: SqlClient.SqlClient, viewerIds: ReadonlyArray<number>) {
  if (viewerIds.length === 0) return new Map<number, Totals>()
  const rows = yield* from<Totals & { readonly owner: number }>`${totalsBy(from, "viewer_id", viewerIds)}`
  return new Map<number, Totals>(rows.map((row) => [row.owner, row]))
}, Effect.orDie)

const identitiesOf = (from: SqlClient.SqlClient, viewerIds: ReadonlyArray<number>) =>
  viewerIds.length === 0
    ? Effect.succeed([])
    : Effect.orDie(
        from<OwnIdentityRow>`SELECT viewer_identities.*, integrations.name AS integration, totals.items, totals.plays,
            totals.last_played_at
          FROM viewer_identities JOIN integrations ON integrations.id = viewer_identities.integration_id
            LEFT JOIN (${totalsBy(from, "id", viewerIds)}) AS totals ON totals.owner = viewer_identities.id
          WHERE ${from.in("viewer_identities.viewer_id", viewerIds)} ORDER BY viewer_identities.id`
      )

const noTotals: Totals = { items: 0, plays: 0, last_played_at: null }

const toTotals = ({ items, last_played_at: lastPlayedAt, plays }: Totals) => ({
  items: items ?? 0,
  plays: plays ?? 0,
  lastPlayedAt
})

const toSummary = (row: ViewerRow, totals: Totals = noTotals) => ({
  id: String(row.id),
  name: row.name,
  totals: toTotals(totals),
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})

const toViewerIdentity = (row: OwnIdentityRow): ViewerIdentity => {
  const { ambiguous, id, integrationId, missingSince, name, names, placedBy, role } = toIdentity(row)
  const { integration } = row
  return { id, integrationId, integration, role, name, names, ambiguous, placedBy, missingSince, totals: toTotals(row) }
}

const movedOf = (identities: ReadonlyArray<ViewerIdentity>) =>
  identities.map(({ id, integrationId, name }) => ({ id, integrationId, name }))
