/** The rows of removals. Every change of state goes through `move`, which enforces the table of transitions. */
import { Array as Arr, Context, Effect, Layer, Result } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import type { Explanation } from "../capacity/Explanation.ts"
import { Actor } from "../events/Actor.ts"
import type { EventSeverity } from "../events/Event.ts"
import { EventLog } from "../events/EventLog.ts"
import type { NewEvent } from "../events/EventType.ts"
import { type RemovalTarget, usualActionOf } from "../integrations/Kind.ts"
import type { LibraryItem } from "../library/Item.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import type { RemovalMode } from "../capacity/RemovalMode.ts"
import { ReadSql } from "../storage/Database.ts"
import type { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { logDamage } from "../storage/StoredRows.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit, toPage } from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { toJson } from "../storage/Rows.ts"
import { fewestIds } from "../storage/FilteredPages.ts"
import {
  type DecidedRemoval,
  RemovalNotFound,
  type RemovalOrigin,
  type RemovalState,
  type RemovalStateConflict,
  type RemovalSummary
} from "./Removal.ts"
import { RemovalEvents, type RemovalStepEvent } from "./RemovalEvents.ts"
import type { RemovalTerms } from "./RemovalTerms.ts"
import { actionTextOf } from "./ActionText.ts"
import { packDecision, unpackDecision } from "./RemovalStore/Decisions.ts"
import { type Changes, makeWriting, type Move } from "./RemovalStore/Writing.ts"
import { filtersOf, orders, type RemovalQuery } from "./RemovalStore/Lists.ts"
import {
  checkedRow,
  readStored,
  columns,
  type RemovalRow,
  type StoredRemoval,
  summaryOf,
  toStored,
  toSummary
} from "./RemovalStore/Rows.ts"

export interface NewRemoval extends RemovalTerms {
  readonly item: LibraryItem
  readonly state: "proposed" | "scheduled"
  readonly mode: RemovalMode
  readonly origin: RemovalOrigin
  /** The acting rule that queues it. */
  readonly ruleId: string | null
  readonly runId: string | null
  readonly collection: string | null
  readonly position: number
  readonly decision: Explanation
  readonly scheduledAt: string | null
  /** Why, in one sentence. */
  readonly because: string
  readonly canBeUndone: boolean
}

export class RemovalStore extends Context.Service<
  RemovalStore,
  {
    readonly find: (id: string) => Effect.Effect<StoredRemoval, RemovalNotFound>
    readonly detail: (id: string) => Effect.Effect<DecidedRemoval, RemovalNotFound>
    readonly page: (query: RemovalQuery) => Effect.Effect<Page<RemovalSummary>, InvalidRequest>
    /** Read through the write connection. Dies if one cannot be read: what is decided by them must not miss it. */
    readonly where: (
      condition: (sql: SqlClient.SqlClient) => Statement.Fragment
    ) => Effect.Effect<ReadonlyArray<StoredRemoval>>
    /** The same for work on each of them: one that cannot be read is logged, stays as it is, and the others go on. */
    readonly eachWhere: (
      condition: (sql: SqlClient.SqlClient) => Statement.Fragment
    ) => Effect.Effect<ReadonlyArray<StoredRemoval>>
    /** Inserts removals with their audit events; run it in a transaction. Returns their ids. */
    readonly insert: (drafts: ReadonlyArray<NewRemoval>) => Effect.Effect<ReadonlyArray<string>>
    /**
     * Changes the state and appends the audit event, in the caller's transaction. Fails if the row has changed since
     * `from` was read, or if the transition is not allowed. `severity` overrides the default of the event.
     */
    readonly move: (
      from: StoredRemoval,
      to: RemovalState,
      event: RemovalStepEvent,
      message: string,
      changes?: Changes,
      severity?: EventSeverity
    ) => Effect.Effect<StoredRemoval, RemovalStateConflict>
    /**
     * The same for many, with one statement for those that change alike and one for their events. All were read in the
     * transaction of the caller, which rolls back if it fails.
     */
    readonly moveAll: (moves: ReadonlyArray<Move>) => Effect.Effect<void, RemovalStateConflict>
    /**
     * Changes columns without changing the state. Returns the row, or `null` if it has changed since `removal` was
     * read.
     */
    readonly note: (removal: StoredRemoval, changes: Changes) => Effect.Effect<StoredRemoval | null>
    /** The same change of many, as `moveAll`. */
    readonly noteAll: (
      removals: ReadonlyArray<StoredRemoval>,
      changes: Changes
    ) => Effect.Effect<void, RemovalStateConflict>
    /** Stores a person's decision about a removal that can no longer be recalled, without affecting its execution. */
    readonly keepDecision: (removal: StoredRemoval, decision: string) => Effect.Effect<void>
    /** Replaces the decision of a removal that was planned again. */
    readonly decideAgain: (
      removal: StoredRemoval,
      draft: {
        readonly position: number
        readonly decision: Explanation
        readonly runId: string | null
        readonly collection: string | null
        readonly mode: RemovalMode
        readonly because: string
      }
    ) => Effect.Effect<void>
  }
>()("tendarr/removals/RemovalStore") {
  static readonly layer = Layer.effect(
    RemovalStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const events = yield* EventLog

      const find = Effect.fn("RemovalStore.find")(function* (id: string) {
        const [row] = yield* sql<RemovalRow>`SELECT ${sql.literal(columns)} FROM removals WHERE id = ${rowId(id)}`.pipe(
          Effect.orDie
        )
        return row === undefined ? yield* new RemovalNotFound({ removalId: id }) : toStored(checkedRow(row))
      })

      const page = Effect.fn("RemovalStore.page")(function* (query: RemovalQuery) {
        const limit = yield* pageLimit(query.limit)
        const order = orders[query.order ?? "newest"]
        const scope = `removals/${query.order ?? "newest"}`
        const key = reader.literal(order.key)
        const filters = filtersOf(reader, query)
        const conditions = filters.map(({ condition }) => condition)
        if (query.cursor !== undefined) {
          const [value, id] = yield* decodeCursor(scope, 2, query.cursor)
          conditions.push(reader`(${key}, id) ${reader.literal(order.beyond)} (${value ?? null}, ${id ?? null})`)
        }
        const direction = reader.literal(order.direction)
        const rows = yield* Effect.gen(function* () {
          const few = yield* fewestIds(reader, filters, { table: "removals", limit })
          if (few !== null) conditions.push(reader`id IN (${few})`)
          return yield* reader<
            RemovalRow & { sort_key: string | number }
          >`SELECT ${reader.literal(columns)}, ${key} AS sort_key
            FROM removals WHERE ${conditions.length === 0 ? reader`1 = 1` : reader.and(conditions)}
            ORDER BY ${key} ${direction}, id ${direction} LIMIT ${reader.literal(String(limit + 1))}`
        }).pipe(Effect.orDie)
        return toPage(rows, limit, (row) => encodeCursor(scope, [row.sort_key, row.id]), toSummary)
      })

      const insertSome = Effect.fnUntraced(function* (
        drafts: Arr.NonEmptyReadonlyArray<NewRemoval>,
        at: string,
        actor: string
      ) {
        const rows = yield* sql<{ id: number; item_id: number }>`INSERT INTO removals ${sql.insert(
          Arr.map(drafts, (draft) => newRow(draft, at, actor))
        )} RETURNING id, item_id`
        // SQLite does not guarantee the order in which it returns them.
        const ids = new Map(rows.map((row) => [String(row.item_id), String(row.id)]))
        const written = Arr.map(drafts, (draft) => ({ draft, id: ids.get(draft.item.id) ?? "" }))
        yield* sql`INSERT INTO removal_decisions ${sql.insert(
          Arr.map(written, ({ draft, id }) => ({ removal_id: Number(id), decision: packDecision(draft.decision) }))
        )}`
        yield* events.append(...written.map(({ draft, id }) => plannedEvent(draft, id, at)))
        return written.map(({ id }) => id)
      })

      const insert = Effect.fn("RemovalStore.insert")(function* (drafts: ReadonlyArray<NewRemoval>) {
        const at = yield* nowIso
        const actor = yield* Actor
        const ids: Array<string> = []
        for (const some of Arr.chunksOf(drafts, insertSize)) {
          ids.push(...(yield* insertSome(some, at, actor)))
          yield* Effect.yieldNow
        }
        return ids
      }, Effect.orDie)

      const read = Effect.fnUntraced(function* (
        condition: (sql: SqlClient.SqlClient) => Statement.Fragment,
        take: (row: RemovalRow) => StoredRemoval | null
      ) {
        const removals: Array<StoredRemoval> = []
        for (let after = 0; ;) {
          const rows = yield* sql<RemovalRow>`SELECT ${sql.literal(columns)} FROM removals
            WHERE id > ${after} AND (${condition(sql)}) ORDER BY id LIMIT ${readSize}`
          for (const row of rows) {
            const removal = take(row)
            if (removal !== null) removals.push(removal)
          }
          const last = rows[readSize - 1]
          if (last === undefined) return removals
          after = last.id
          yield* Effect.yieldNow
        }
      }, Effect.orDie)

      const writing = makeWriting(sql, events)

      return RemovalStore.of({
        find,
        detail: Effect.fn("RemovalStore.detail")(function* (id) {
          const stored = yield* find(id)
          const [row] = yield* reader<{
            decision: string
          }>`SELECT decision FROM removal_decisions WHERE removal_id = ${Number(id)}`.pipe(Effect.orDie)
          // A row without one is as damaged as a decision that is not JSON.
          const decision = yield* Effect.orDie(Effect.fromResult(unpackDecision(id, row?.decision ?? "")))
          return { ...summaryOf(stored), decision }
        }),
        page,
        where: Effect.fn("RemovalStore.where")((condition) => read(condition, toStored)),
        eachWhere: Effect.fn("RemovalStore.eachWhere")(function* (condition) {
          const damaged: Array<StoredDocumentInvalid> = []
          const removals = yield* read(condition, (row) => {
            const stored = readStored(row)
            if (Result.isSuccess(stored)) return stored.success
            damaged.push(stored.failure)
            return null
          })
          yield* Effect.forEach(damaged, logDamage, { discard: true })
          return removals
        }),
        insert,
        move: Effect.fn("RemovalStore.move")((from, to, event, message, changes = {}, severity) =>
          writing.move({ from, to, event, message, changes, severity })
        ),
        moveAll: Effect.fn("RemovalStore.moveAll")(writing.moveAll),
        note: Effect.fn("RemovalStore.note")((removal, changes) => writing.note(removal, removal.state, changes)),
        noteAll: Effect.fn("RemovalStore.noteAll")((removals, changes) =>
          writing.writeAll(removals.map((from) => ({ from, to: from.state, changes })))
        ),
        keepDecision: Effect.fn("RemovalStore.keepDecision")(function* (removal, decision) {
          yield* sql`UPDATE removals SET recalled = ${decision} WHERE id = ${Number(removal.id)} AND state = 'executing'`
        }, Effect.orDie),
        decideAgain: Effect.fn("RemovalStore.decideAgain")(function* (removal, draft) {
          const at = yield* nowIso
          const written = yield* sql`UPDATE removals SET ${sql.update({
            position: draft.position,
            rank: draft.decision.rank,
            collection: draft.collection,
            mode: draft.mode,
            because: draft.because,
            run_id: draft.runId === null ? null : Number(draft.runId),
            version: removal.version + 1,
            updated_at: at
          })} WHERE id = ${Number(removal.id)} AND version = ${removal.version} RETURNING id`
          if (written.length === 0) return
          yield* sql`UPDATE removal_decisions SET decision = ${packDecision(draft.decision)}
            WHERE removal_id = ${Number(removal.id)}`
        }, Effect.orDie)
      })
    })
  )
}

/** Removals per statement, and per read: some milliseconds of work before yielding to the event loop. */
const insertSize = 25
const readSize = 500

const newRow = (draft: NewRemoval, at: string, actor: string) => {
  const { item } = draft
  return {
    item_id: Number(item.id),
    integration_id: Number(item.integrationId),
    disk_group_id: item.diskGroupId === null ? null : Number(item.diskGroupId),
    external_id: item.externalId,
    kind: item.kind,
    title: item.title,
    ids: toJson(item.ids),
    size_bytes: item.sizeBytes,
    state: draft.state,
    mode: draft.mode,
    origin: draft.origin,
    actor,
    action: draft.action,
    import_exclusion: draft.importExclusion === null ? null : Number(draft.importExclusion),
    reset_request: Number(draft.resetRequest),
    grace_days: draft.graceDays,
    rule_id: draft.ruleId === null ? null : Number(draft.ruleId),
    run_id: draft.runId === null ? null : Number(draft.runId),
    collection: draft.collection,
    position: draft.position,
    rank: draft.decision.rank,
    scheduled_at: draft.scheduledAt,
    attempts: 0,
    final: 0,
    because: draft.because,
    irreversible: draft.canBeUndone ? 0 : 1,
    reason: null,
    version: 1,
    created_at: at,
    updated_at: at
  }
}

const plannedEvent = (draft: NewRemoval, id: string, at: string): NewEvent => {
  const { action, because, item, mode, scheduledAt, state } = draft
  const { done, is, object, would } = actionTextOf({ action, title: item.title })
  return RemovalEvents[state].make({
    subject: id,
    message:
      state === "scheduled"
        ? `${is} to be ${done} at ${scheduledAt ?? at}: ${because}`
        : mode === "dry-run"
          ? `${would} ${done}: ${because}`
          : action === usualActionOf(item.kind)
            ? `"${item.title}" is proposed for removal: ${because}`
            : `It is proposed that ${object} be ${done}: ${because}`,
    payload: {
      itemId: item.id,
      title: item.title,
      sizeBytes: item.sizeBytes,
      mode,
      action,
      rank: draft.decision.rank,
      because
    }
  })
}

export const targetOf = (removal: StoredRemoval): RemovalTarget => ({
  externalId: removal.externalId,
  kind: removal.kind,
  title: removal.title,
  ids: removal.ids
})
