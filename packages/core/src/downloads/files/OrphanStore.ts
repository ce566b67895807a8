/** The rows of orphaned files and folders. */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../../storage/Database.ts"
import { likeAnyCase } from "../../storage/Dialect.ts"
import { type Page, decodeCursor, encodeCursor, pageLimit, toPage } from "../../storage/Pages.ts"
import { readableRows, type RowOf, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"
import { type Orphan, type OrphanQuery, OrphanState } from "./Orphan.ts"
import { OrphanNotFound } from "./OrphanErrors.ts"

const format = rowFormat({
  table: "orphans",
  columns: {
    id: Schema.Int,
    path: Schema.String,
    folder: Schema.String,
    state: OrphanState,
    files: Schema.Int,
    bytes: Schema.Finite,
    frees_bytes: Schema.Finite,
    newest_at: Schema.String,
    identity: Schema.String,
    found_at: Schema.String,
    seen_at: Schema.String,
    reason: Schema.NullOr(Schema.String),
    quarantine: Schema.NullOr(Schema.String),
    quarantined_at: Schema.NullOr(Schema.String),
    delete_at: Schema.NullOr(Schema.String),
    ended_at: Schema.NullOr(Schema.String),
    act_id: Schema.NullOr(Schema.Int),
    deletion_id: Schema.NullOr(Schema.Int)
  }
})

const textOf = (id: number | null): string | null => (id === null ? null : String(id))

const orphanOf = (row: RowOf<typeof format>): Orphan => ({
  id: String(row.id),
  path: row.path,
  folder: row.folder,
  state: row.state,
  files: row.files,
  bytes: row.bytes,
  freesBytes: row.frees_bytes,
  newestAt: row.newest_at,
  identity: row.identity,
  foundAt: row.found_at,
  seenAt: row.seen_at,
  reason: row.reason,
  quarantine: row.quarantine,
  quarantinedAt: row.quarantined_at,
  deleteAt: row.delete_at,
  endedAt: row.ended_at,
  actId: textOf(row.act_id),
  deletionId: textOf(row.deletion_id)
})

export type OrphanChanges = Partial<Omit<Orphan, "id" | "path" | "folder" | "identity" | "foundAt">>

const columnsOf = ({ actId, deletionId, ...changes }: OrphanChanges) => {
  const columns: Record<string, string | number | null> = {}
  for (const [key, value] of Object.entries(changes)) {
    columns[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value ?? null
  }
  if (actId !== undefined) columns["act_id"] = actId === null ? null : Number(actId)
  if (deletionId !== undefined) columns["deletion_id"] = deletionId === null ? null : Number(deletionId)
  return columns
}

const order = "orphans/id"

export interface OrphanStore extends Effect.Success<typeof makeOrphanStore> {}

export const makeOrphanStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reader = yield* ReadSql
  const transact = transacting(sql)
  const read = (rows: Effect.Effect<ReadonlyArray<object>, unknown>) =>
    Effect.map(
      Effect.flatMap(Effect.orDie(rows), (found) => readableRows(format, found)),
      (found) => found.map(orphanOf)
    )

  return {
    transact,
    /** Those in these states, oldest first. */
    inStates: (states: ReadonlyArray<OrphanState>) =>
      read(sql`SELECT * FROM orphans WHERE ${sql.in("state", states)} ORDER BY id`),
    find: Effect.fnUntraced(function* (id: string) {
      const [found] = /^[1-9]\d{0,14}$/.test(id) ? yield* read(sql`SELECT * FROM orphans WHERE id = ${Number(id)}`) : []
      return found ?? (yield* new OrphanNotFound({ orphanId: id }))
    }),
    page: Effect.fn("OrphanStore.page")(function* (query: OrphanQuery) {
      const limit = yield* pageLimit(query.limit)
      const [after] = query.cursor === undefined ? [null] : yield* decodeCursor(order, 1, query.cursor)
      const rows = yield* read(
        reader`SELECT * FROM orphans WHERE ${reader.and([
          reader`id < ${after === null ? Number.MAX_SAFE_INTEGER : Number(after)}`,
          ...(query.state === undefined ? [] : [reader`state = ${query.state}`]),
          ...(query.search === undefined ? [] : [likeAnyCase(reader, "path", query.search)])
        ])} ORDER BY id DESC LIMIT ${limit + 1}`
      )
      const page: Page<Orphan> = toPage(
        rows,
        limit,
        ({ id }) => encodeCursor(order, [Number(id)]),
        (one) => one
      )
      return page
    }),
    /** In the caller's transaction, as the two that follow. Returns its id. */
    insert: (one: Pick<Orphan, "path" | "folder" | "identity" | "foundAt"> & OrphanChanges) => {
      const { folder, foundAt, identity, path, ...changes } = one
      return Effect.map(
        Effect.orDie(
          sql<{ readonly id: number }>`INSERT INTO orphans ${sql.insert({
            path,
            folder,
            identity,
            found_at: foundAt,
            ...columnsOf(changes)
          })} RETURNING id`
        ),
        ([row]) => String(row?.id)
      )
    },
    change: (id: string, changes: OrphanChanges) =>
      Effect.asVoid(Effect.orDie(sql`UPDATE orphans SET ${sql.update(columnsOf(changes))} WHERE id = ${Number(id)}`)),
    /** Forgets what is no longer orphaned. */
    forget: (ids: ReadonlyArray<string>) =>
      ids.length === 0
        ? Effect.void
        : Effect.asVoid(Effect.orDie(sql`DELETE FROM orphans WHERE ${sql.in("id", ids.map(Number))}`)),
    prune: (before: string) =>
      Effect.asVoid(Effect.orDie(sql`DELETE FROM orphans WHERE state = 'deleted' AND ended_at < ${before}`))
  }
})
