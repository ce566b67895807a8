/**
 * Shifts stored times when the clock is set: due times of removals and of acts, ends of snoozes, of protections and of
 * quarantine. Each lasts as long as was intended.
 */
import { Clock, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { never } from "../acts/Backoff.ts"
import { type ClockChange, ClockWatch } from "../jobs/ClockWatch.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { movedTime } from "../storage/Dialect.ts"
import { openStates } from "./Removal.ts"

export const MovedTimes = Layer.effectDiscard(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const clock = yield* ClockWatch

    /** Written before the clock was set, according to the time in a column. */
    const writtenBefore = Effect.fnUntraced(function* (column: string, { unsureMillis }: ClockChange) {
      const now = yield* Clock.currentTimeMillis
      const name = sql.literal(column)
      return sql.or([sql`${name} < ${isoOfMillis(now - unsureMillis)}`, sql`${name} > ${isoOfMillis(now)}`])
    })

    const moveRemovals = Effect.fn("MovedTimes.removals")(function* (change: ClockChange) {
      const moved = (column: string) => movedTime(sql, column, change.millis)
      // A date set by a person is kept if the machine may just have been off.
      const snoozed = change.certain ? moved("snoozed_until") : sql.literal("snoozed_until")
      const rows = yield* sql<{ id: number }>`UPDATE removals SET scheduled_at = ${moved("scheduled_at")},
        next_attempt_at = ${moved("next_attempt_at")}, snoozed_until = ${snoozed}
        WHERE ${sql.in("state", openStates)} AND ${yield* writtenBefore("updated_at", change)}
          AND (scheduled_at IS NOT NULL OR next_attempt_at IS NOT NULL OR snoozed_until IS NOT NULL) RETURNING id`
      return rows.length === 0
        ? null
        : rows.length === 1
          ? "the times of 1 removal"
          : `the times of ${rows.length} removals`
    }, Effect.orDie)

    const moveProtections = Effect.fn("MovedTimes.protections")(function* (change: ClockChange) {
      if (!change.certain) return null
      const rows = yield* sql<{ id: number }>`UPDATE protections
        SET expires_at = ${movedTime(sql, "expires_at", change.millis)}
        WHERE expires_at IS NOT NULL AND ${yield* writtenBefore("created_at", change)} RETURNING id`
      return rows.length === 0
        ? null
        : rows.length === 1
          ? "the end of 1 protection"
          : `the ends of ${rows.length} protections`
    }, Effect.orDie)

    const moveActs = Effect.fn("MovedTimes.acts")(function* (change: ClockChange) {
      const rows = yield* sql<{ id: number }>`UPDATE acts SET due_at = ${movedTime(sql, "due_at", change.millis)}
        WHERE state IN ('planned', 'failed') AND due_at < ${never}
          AND ${yield* writtenBefore("updated_at", change)} RETURNING id`
      return rows.length === 0 ? null : rows.length === 1 ? "the time of 1 act" : `the times of ${rows.length} acts`
    }, Effect.orDie)

    const moveOrphans = Effect.fn("MovedTimes.orphans")(function* (change: ClockChange) {
      const moved = (column: string) => movedTime(sql, column, change.millis)
      const rows = yield* sql<{ id: number }>`UPDATE orphans SET found_at = ${moved("found_at")},
        delete_at = ${moved("delete_at")} WHERE state IN ('found', 'planned', 'quarantined')
          AND ${yield* writtenBefore("seen_at", change)} RETURNING id`
      return rows.length === 0
        ? null
        : rows.length === 1
          ? "the times of 1 orphaned file"
          : `the times of ${rows.length} orphaned files`
    }, Effect.orDie)

    yield* clock.onSet(moveActs)
    yield* clock.onSet(moveOrphans)
    yield* clock.onSet(moveRemovals)
    yield* clock.onSet(moveProtections)
  })
)
