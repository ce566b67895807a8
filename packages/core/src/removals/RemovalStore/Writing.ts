/** Changes of removals, one at a time or many that change alike with one statement, and their audit events. */
import { Array as Arr, Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { Actor } from "../../events/Actor.ts"
import type { EventSeverity } from "../../events/Event.ts"
import type { EventLog } from "../../events/EventLog.ts"
import type { NewEvent } from "../../events/EventType.ts"
import type { RemovalMode } from "../../capacity/RemovalMode.ts"
import { nowIso } from "../../problems/Instants.ts"
import { toJson } from "../../storage/Rows.ts"
import { openStates, type RemovalState, RemovalStateConflict, transitions } from "../Removal.ts"
import type { RemovalStepEvent } from "../RemovalEvents.ts"
import { checkedRow, columns, type RemovalRow, type StoredRemoval, toStored } from "./Rows.ts"

/** Columns that a step may set in addition to the state. */
export interface Changes {
  readonly reason?: string | null
  readonly scheduledAt?: string | null
  readonly snoozedUntil?: string | null
  readonly nextAttemptAt?: string | null
  readonly attempts?: number
  readonly step?: string | null
  readonly restore?: unknown
  readonly freedBytes?: number
  readonly approvedBy?: string | null
  readonly mode?: RemovalMode
  readonly recalled?: string | null
  /** Its application reported success, which was not true. */
  readonly untrue?: boolean
  /** A final decision of a person: the engine does not plan the item again until it is released. */
  readonly final?: boolean
  /** The engine may plan the item again from then on. */
  readonly releasedAt?: string
}

/** A change of state with its audit event. */
export interface Move {
  readonly from: StoredRemoval
  readonly to: RemovalState
  readonly event: RemovalStepEvent
  readonly message: string
  readonly changes: Changes
  /** Overrides the default of the event. */
  readonly severity?: EventSeverity | undefined
}

export const makeWriting = (sql: SqlClient.SqlClient, events: EventLog["Service"]) => {
  /** Only columns that change: of a row, SQLite leaves alone the indexes that contain none of them. */
  const assignments = (
    former: RemovalState,
    state: RemovalState,
    at: string,
    actor: string,
    changes: Changes
  ): Statement.Fragment => {
    const isEnd = !openStates.some((open) => open === state)
    const set = sql.update({
      state,
      ...changedColumns(changes),
      ...(state === former ? {} : { ended_at: isEnd ? at : null, ended_by: isEnd ? actor : null }),
      updated_at: at
    })
    return sql`${set}, version = version + 1`
  }

  const note = Effect.fnUntraced(function* (removal: StoredRemoval, state: RemovalState, changes: Changes) {
    const [row] = yield* sql<RemovalRow>`UPDATE removals
      SET ${assignments(removal.state, state, yield* nowIso, yield* Actor, changes)}
      WHERE id = ${Number(removal.id)} AND version = ${removal.version} AND state = ${removal.state}
      RETURNING ${sql.literal(columns)}`
    return row === undefined ? null : toStored(checkedRow(row))
  }, Effect.orDie)

  const move = Effect.fnUntraced(function* (one: Move) {
    yield* requireTransition(one)
    const written = yield* note(one.from, one.to, one.changes)
    if (written === null) return yield* conflict(one.from, changedMeanwhile)
    yield* events.append(stepEvent(one))
    return written
  })

  /** Removals in the same state that change alike. */
  const writeAlike = Effect.fnUntraced(function* (
    alike: ReadonlyArray<StoredRemoval>,
    to: RemovalState,
    changes: Changes
  ) {
    const [first] = alike
    if (first === undefined) return
    const at = yield* nowIso
    const actor = yield* Actor
    for (const some of Arr.chunksOf(alike, writeSize)) {
      const expected = sql.csv(some.map(({ id, version }) => sql`(${Number(id)}, ${version})`))
      const written = yield* Effect.orDie(
        sql<{ id: number }>`UPDATE removals SET ${assignments(first.state, to, at, actor, changes)}
          FROM (VALUES ${expected}) AS expected
          WHERE removals.id = expected.column1 AND removals.version = expected.column2 AND removals.state = ${first.state}
          RETURNING removals.id`
      )
      if (written.length === some.length) continue
      const done = new Set(written.map(({ id }) => String(id)))
      return yield* conflict(some.find(({ id }) => !done.has(id)) ?? first, changedMeanwhile)
    }
  })

  const writeAll = Effect.fnUntraced(function* (
    all: ReadonlyArray<{ readonly from: StoredRemoval; readonly to: RemovalState; readonly changes: Changes }>
  ) {
    const alike = Object.values(
      Arr.groupBy(all, ({ changes, from, to }) => JSON.stringify([from.state, to, changedColumns(changes)]))
    )
    for (const group of alike) {
      yield* writeAlike(
        group.map(({ from }) => from),
        group[0].to,
        group[0].changes
      )
      yield* Effect.yieldNow
    }
  })

  const moveAll = Effect.fnUntraced(function* (moves: ReadonlyArray<Move>) {
    for (const one of moves) yield* requireTransition(one)
    yield* writeAll(moves)
    yield* events.append(...moves.map(stepEvent))
  })

  return { note, move, writeAll, moveAll }
}

/** Removals per statement: some milliseconds of work before yielding to the event loop. */
const writeSize = 250

const changedColumns = (changes: Changes): Readonly<Record<string, string | number | null>> => {
  const { restore } = changes
  const all = {
    reason: changes.reason,
    scheduled_at: changes.scheduledAt,
    snoozed_until: changes.snoozedUntil,
    next_attempt_at: changes.nextAttemptAt,
    attempts: changes.attempts,
    step: changes.step,
    restore: restore === undefined || restore === null ? restore : toJson(restore),
    freed_bytes: changes.freedBytes,
    approved_by: changes.approvedBy,
    mode: changes.mode,
    recalled: changes.recalled,
    untrue: changes.untrue === true ? 1 : undefined,
    final: changes.final === true ? 1 : undefined,
    released_at: changes.releasedAt
  }
  const changed: Record<string, string | number | null> = {}
  for (const [column, value] of Object.entries(all)) if (value !== undefined) changed[column] = value
  return changed
}

const changedMeanwhile = "it was changed in the meantime"

const conflict = (removal: StoredRemoval, detail: string) =>
  new RemovalStateConflict({ removalId: removal.id, state: removal.state, detail })

const requireTransition = ({ from, to }: Move) =>
  transitions[from.state].includes(to)
    ? Effect.void
    : Effect.fail(conflict(from, `a removal that is ${from.state} does not become ${to}`))

const stepEvent = ({ changes, event, from, message, severity, to }: Move): NewEvent =>
  event.make({
    ...(severity === undefined ? {} : { severity }),
    subject: from.id,
    message,
    payload: {
      itemId: from.itemId,
      title: from.title,
      sizeBytes: from.sizeBytes,
      from: from.state,
      to,
      mode: from.mode,
      action: from.action,
      because: from.because,
      ...(changes.reason == null ? {} : { reason: changes.reason })
    }
  })
