/** The rows of acts. Every change of state goes through `move`, which checks it against the transitions and logs it. */
import { Effect, type Result, Schema } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { instantOf, nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { likeAnyCase } from "../storage/Dialect.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit, toPage } from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { fromBit, toJson } from "../storage/Rows.ts"
import { jsonIn, readDocument, type StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { requireColumns, rowFormat, StoredTime } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { type ActEvent, ActEvents } from "./ActEvents.ts"
import { ActConflict, ActNotFound, type ActRecord, ActState, actTransitions } from "./ActRecord.ts"
import { openActStates } from "./ActStates.ts"
import { actSteps, lateStep, sentStep } from "./ActSteps.ts"

type ActStep = (typeof actSteps)[number]

export interface StoredAct extends Omit<ActRecord, "undoable"> {
  /** As its kind encoded it, or why it cannot be read. */
  readonly subject: Result.Result<unknown, StoredDocumentInvalid>
  /** `null` = nothing is kept. */
  readonly kept: Result.Result<unknown, StoredDocumentInvalid> | null
  readonly step: ActStep | null
  /** A person has cancelled it too late: if it turns out not to be done, it is not tried again. */
  readonly recalled: boolean
  /** When a request that carries it out was last sent; `null` = never, or it was refused. */
  readonly sentAt: string | null
}

export interface NewAct {
  readonly kind: string
  readonly key: string
  readonly title: string
  readonly subject: unknown
  readonly because: string
  readonly dueAt: string
}

/** Columns that a step may set in addition to the state. */
export interface ActChanges {
  readonly step?: ActStep | null
  readonly reason?: string | null
  readonly kept?: unknown
  readonly attempts?: number
  readonly dueAt?: string
  readonly recalled?: boolean
  readonly sentAt?: string | null
}

export interface ActQuery {
  readonly kind?: string
  readonly state?: ActState
  /** Only open acts. */
  readonly open?: boolean
  /** Identity of the subject within the kind. */
  readonly key?: string
  /** Words of the title. */
  readonly search?: string
  /** Planned at this time or later, ISO-8601. */
  readonly since?: string
  /** Planned before this time, ISO-8601. */
  readonly until?: string
  readonly limit?: number
  readonly cursor?: string
}

export interface ActStore extends Effect.Success<typeof makeActStore> {}

export const makeActStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const reader = yield* ReadSql
  const events = yield* EventLog

  const transact = transacting(sql)

  const log = (act: StoredAct, event: ActEvent, message: string, reason: string | null) => {
    const { because, key, kind, title } = act
    const payload = { kind, key, title, because, ...(reason === null ? {} : { reason }) }
    return events.append(event.make({ subject: act.id, message, payload }))
  }

  /** Rows, oldest first, read through the write connection. */
  const where = (condition: (q: SqlClient.SqlClient) => Statement.Fragment) =>
    sql<ActRow>`SELECT * FROM acts WHERE ${condition(sql)} ORDER BY due_at, id`.pipe(
      Effect.orDie,
      Effect.map((rows) => rows.map(toStored))
    )

  const find = Effect.fn("Acts.find")(function* (id: string) {
    const [act] = yield* where((q) => q`id = ${rowId(id)}`)
    return act ?? (yield* new ActNotFound({ actId: id }))
  })

  const openOf = (kind: string, key: string) =>
    Effect.map(
      where((q) => q`kind = ${kind} AND key = ${key} AND ${q.in("state", openActStates)}`),
      ([act]) => act ?? null
    )

  /** Stores an intent; fails if its subject has an open act of the kind. Must be called in a transaction. */
  const insert = Effect.fn("Acts.insert")(function* (draft: NewAct) {
    const open = yield* openOf(draft.kind, draft.key)
    if (open !== null) {
      return yield* new ActConflict({
        actId: open.id,
        state: open.state,
        detail: "the subject has an open act already"
      })
    }
    const at = yield* nowIso
    const [row] = yield* sql<ActRow>`INSERT INTO acts ${sql.insert({
      kind: draft.kind,
      key: draft.key,
      title: draft.title,
      subject: toJson(draft.subject),
      state: "planned",
      because: draft.because,
      due_at: draft.dueAt,
      actor: yield* Actor,
      created_at: at,
      updated_at: at
    })} RETURNING *`.pipe(Effect.orDie)
    const act = toStored(row!)
    yield* log(act, ActEvents.planned, `"${act.title}" is planned for ${act.dueAt}: ${act.because}`, null)
    return act
  })

  const write = (act: StoredAct, state: ActState, changes: ActChanges) =>
    Effect.gen(function* () {
      const at = yield* nowIso
      const isOpen = openActStates.some((open) => open === state)
      const [row] = yield* sql<ActRow>`UPDATE acts SET ${sql.update({
        state,
        step: changes.step === undefined ? act.step : changes.step,
        reason: changes.reason === undefined ? act.reason : changes.reason,
        ...(changes.kept === undefined ? {} : { kept: changes.kept === null ? null : toJson(changes.kept) }),
        attempts: changes.attempts ?? act.attempts,
        due_at: changes.dueAt ?? act.dueAt,
        sent_at: changes.sentAt === undefined ? act.sentAt : changes.sentAt,
        ...(changes.recalled === undefined ? {} : { recalled: changes.recalled ? 1 : 0 }),
        version: act.version + 1,
        updated_at: at,
        ended_at: isOpen ? null : state === "undone" ? at : (act.endedAt ?? at)
      })} WHERE id = ${Number(act.id)} AND version = ${act.version} RETURNING *`.pipe(Effect.orDie)
      return row === undefined ? null : toStored(row)
    })

  /** Takes one step and logs its event, in the caller's transaction. Fails if the row has changed since `act` was read. */
  const move = Effect.fnUntraced(function* (
    act: StoredAct,
    state: ActState,
    event: ActEvent,
    message: string,
    changes: ActChanges = {}
  ) {
    const conflict = (detail: string) => new ActConflict({ actId: act.id, state: act.state, detail })
    if (!actTransitions[act.state].includes(state)) return yield* conflict(`it cannot become ${state}`)
    const moved = yield* write(act, state, changes)
    if (moved === null) return yield* conflict("it was changed in the meantime")
    yield* log(moved, event, message, moved.reason)
    return moved
  })

  /** Changes columns without changing the state. `null` = the row has changed since `act` was read. */
  const note = (act: StoredAct, changes: ActChanges) => write(act, act.state, changes)

  /** Logs what does not change the state. */
  const logOnly = (act: StoredAct, event: ActEvent, message: string, reason: string) => log(act, event, message, reason)

  /** Stores that a person has cancelled an act too late, without affecting its execution. */
  const keepCancellation = ({ id }: StoredAct) =>
    Effect.asVoid(
      Effect.orDie(sql`UPDATE acts SET recalled = 1 WHERE id = ${Number(id)} AND state = 'executing' RETURNING id`)
    )

  /** Whether a request of a newer act of the same kind on the same subject may have been sent. */
  const hasNewer = ({ id, key, kind }: StoredAct) =>
    Effect.map(
      where(
        (q) => q`kind = ${kind} AND key = ${key} AND id > ${Number(id)}
          AND kept IS NOT NULL AND state IN ('planned', 'executing', 'failed', 'done', 'undoing')`
      ),
      (newer) => newer.length > 0
    )

  const page = Effect.fn("Acts.page")(function* (query: ActQuery): Effect.fn.Return<Page<StoredAct>, InvalidRequest> {
    const limit = yield* pageLimit(query.limit)
    const conditions: Array<Statement.Fragment> = [reader`1 = 1`]
    if (query.kind !== undefined) conditions.push(reader`kind = ${query.kind}`)
    if (query.state !== undefined) conditions.push(reader`state = ${query.state}`)
    if (query.open === true) conditions.push(reader.in("state", openActStates))
    if (query.key !== undefined) conditions.push(reader`key = ${query.key}`)
    if (query.search !== undefined) conditions.push(likeAnyCase(reader, "title", query.search))
    if (query.since !== undefined) conditions.push(reader`created_at >= ${yield* instantOf("since", query.since)}`)
    if (query.until !== undefined) conditions.push(reader`created_at < ${yield* instantOf("until", query.until)}`)
    if (query.cursor !== undefined) {
      const [id] = yield* decodeCursor("acts", 1, query.cursor)
      conditions.push(reader`id < ${id ?? 0}`)
    }
    const rows = yield* reader<ActRow>`SELECT * FROM acts WHERE ${reader.and(conditions)}
      ORDER BY id DESC LIMIT ${limit + 1}`.pipe(Effect.orDie)
    return toPage(rows, limit, (row) => encodeCursor("acts", [row.id]), toStored)
  })

  /** Acts whose request may be on its way. Without their other columns: a damaged one must not prevent setting the brake. */
  const sent = Effect.orDie(
    sql<{ id: number; kind: string }>`SELECT id, kind FROM acts WHERE state = 'executing' AND step = ${sentStep}`
  )

  const kinds = sql<{ kind: string }>`SELECT DISTINCT kind FROM acts`.pipe(
    Effect.orDie,
    Effect.map((rows) => rows.map(({ kind }) => kind))
  )

  /**
   * Deletes acts of a kind that ended before `ended`; those that are done and have data that undoes them, before
   * `undoable`. Never an open one, nor one of which something is still awaited or to be reverted; with `keepsDecisions`,
   * not the newest act on a subject either, if a person has cancelled or undone it. Returns how many.
   */
  const prune = Effect.fnUntraced(function* (
    kind: string,
    before: { readonly ended: string; readonly undoable: string },
    { keepsDecisions }: { readonly keepsDecisions: boolean }
  ) {
    const stands = keepsDecisions
      ? sql`AND (state NOT IN ('cancelled', 'undone') OR EXISTS (
          SELECT 1 FROM acts newer WHERE newer.kind = acts.kind AND newer.key = acts.key AND newer.id > acts.id))`
      : sql``
    let pruned = 0
    for (let more = true; more;) {
      const rows = yield* sql`DELETE FROM acts WHERE id IN (
        SELECT id FROM acts WHERE kind = ${kind} AND step IS NULL AND (
          (state IN ('spared', 'cancelled', 'undone') AND ended_at < ${before.ended})
          OR (state = 'done' AND ended_at < CASE WHEN kept IS NULL THEN ${before.ended} ELSE ${before.undoable} END))
        ${stands} LIMIT ${pruneSize}) RETURNING id`.pipe(Effect.orDie)
      pruned += rows.length
      more = rows.length === pruneSize
      yield* Effect.yieldNow
    }
    return pruned
  })

  return {
    transact,
    find,
    where,
    openOf,
    insert,
    move,
    note,
    logOnly,
    keepCancellation,
    hasNewer,
    page,
    sent,
    kinds,
    prune
  }
})

/** Deleting that many rows in one statement takes some milliseconds. */
const pruneSize = 100

const Text = Schema.NullOr(Schema.String)

const format = rowFormat({
  table: "acts",
  columns: {
    id: Schema.Int,
    kind: Schema.String,
    key: Schema.String,
    title: Schema.String,
    subject: Schema.String,
    state: ActState,
    step: Schema.NullOr(Schema.Literals(actSteps)),
    because: Schema.String,
    reason: Text,
    kept: Text,
    attempts: Schema.Int,
    due_at: StoredTime,
    actor: Schema.String,
    recalled: Schema.Int,
    sent_at: Text,
    version: Schema.Int,
    created_at: Schema.String,
    updated_at: Schema.String,
    ended_at: Text
  }
})

interface ActRow {
  readonly id: number
}

/** Their kind decodes them. */
const subjects = jsonIn("acts", "subject")
const kepts = jsonIn("acts", "kept")

/** Dies with `StoredDocumentInvalid` if a column other than the two documents is damaged. */
const toStored = (stored: ActRow): StoredAct => {
  const row = requireColumns(format, stored)
  return {
    id: String(row.id),
    kind: row.kind,
    key: row.key,
    title: row.title,
    subject: readDocument(subjects, String(row.id), row.subject),
    state: row.state,
    step: row.step,
    because: row.because,
    reason: row.reason,
    kept: row.kept === null ? null : readDocument(kepts, String(row.id), row.kept),
    attempts: row.attempts,
    dueAt: row.due_at,
    actor: row.actor,
    recalled: fromBit(row.recalled),
    sentAt: row.sent_at,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at
  }
}

/** Omits the columns that only the protocol uses. */
export const recordOf = (
  { kept: _kept, recalled: _recalled, sentAt: _sentAt, step: _step, subject: _subject, ...record }: StoredAct,
  undoable: boolean
): ActRecord => ({ ...record, undoable })

/** Its request was sent and may still take effect. */
export const mayTakeEffectLate = ({ step }: StoredAct): boolean => step === lateStep
