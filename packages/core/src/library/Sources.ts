/**
 * The last reading of every integration, and the result of the last attempt. Readings are stored in pieces under a
 * generation; a new generation takes effect only with the transaction that refers to it.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { Observation, Observed } from "../integrations/Observations.ts"
import { ReadSql } from "../storage/Database.ts"
import { toJson } from "../storage/Rows.ts"
import { larger } from "../storage/Dialect.ts"
import { packPiece, readPiece } from "./SourcePieces.ts"
import {
  type OddSummary,
  type SourceError,
  type SourceRow,
  type SourceState,
  type SourceStatus,
  type StoredOdd,
  toState
} from "./SourceStates.ts"

/** Entries per piece: few enough that parsing one does not block other work. */
const chunkSize = 200

export { OddSummary } from "./SourceStates.ts"
export type { SourceError, SourceState, SourceStatus } from "./SourceStates.ts"

/** Observations that are lists. */
export type ListObservation = Exclude<Observation, "disks">

/** A reading that is stored but not yet in effect. */
export interface StagedReading {
  readonly integrationId: string
  readonly observation: Observation
  readonly generation: number
  readonly entries: number
  readonly calls: number
  readonly at: string
  readonly odd: OddSummary
  readonly unidentified: ReadonlyArray<string>
  readonly readFrom: string | null
}

/** A reading that the items were joined with. */
export interface JoinedReading {
  readonly integrationId: string
  readonly observation: ListObservation
  /** The integration to whose entries it is attached: itself, or for statistics their media server. */
  readonly joinedTo: string | null
}

export class Sources extends Context.Service<
  Sources,
  {
    readonly states: Effect.Effect<ReadonlyArray<SourceState>>
    /** The same, as seen by the given connection. */
    readonly statesFrom: (from: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<SourceState>>
    /** Stores a reading next to the current one; nothing changes for readers. */
    readonly stage: <O extends Observation>(reading: {
      readonly integrationId: string
      readonly observation: O
      readonly value: Observed[O]
      readonly at: string
      readonly odd: OddSummary
      readonly unidentified: ReadonlyArray<string>
      readonly readFrom: string
    }) => Effect.Effect<Omit<StagedReading, "calls">>
    /** Makes staged readings the current ones. Run it in the transaction that applies them. */
    readonly accept: (readings: ReadonlyArray<StagedReading>) => Effect.Effect<void>
    /** Forgets the catalogs of integrations that have none any more. Run it in the transaction that applies the others. */
    readonly forgetCatalogs: (integrationIds: ReadonlyArray<string>) => Effect.Effect<void>
    /** Records exactly which readings the items were joined with. Run it in the transaction that applies them. */
    readonly markJoined: (readings: ReadonlyArray<JoinedReading>) => Effect.Effect<void>
    readonly fail: (
      integrationId: string,
      observations: ReadonlyArray<Observation>,
      error: SourceError,
      at: string
    ) => Effect.Effect<void>
    readonly hold: (readings: ReadonlyArray<StagedReading>, detail: string, at: string) => Effect.Effect<void>
    /** Deletes a held reading; the previous one stays current, marked as failed until the next sync. */
    readonly discardHeld: (integrationId: string) => Effect.Effect<void>
    readonly read: <O extends Observation>(
      integrationId: string,
      observation: O,
      generation: number
    ) => Effect.Effect<Observed[O] | null>
    /** Passes a reading to `use` in the pieces it is stored in, and returns whether there is one. */
    readonly eachPiece: <O extends ListObservation>(
      integrationId: string,
      observation: O,
      generation: number,
      use: (entries: Observed[O]) => Effect.Effect<void>
    ) => Effect.Effect<boolean>
    /** Forgets readings that the integration no longer makes. Their pieces are swept. */
    readonly forget: (integrationId: string, observations: ReadonlyArray<Observation>) => Effect.Effect<void>
    /** Deletes pieces that a newer reading has replaced. Newer pieces, staged by a sync in progress, are kept. */
    readonly sweep: Effect.Effect<void>
    /** The same, including staged pieces that were never applied. Not while a sync stages readings. */
    readonly sweepStaged: Effect.Effect<void>
  }
>()("tendarr/library/Sources") {
  static readonly layer = Layer.effect(
    Sources,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql

      const statesFrom = (from: SqlClient.SqlClient) =>
        from<SourceRow>`SELECT * FROM sources ORDER BY integration_id, observation`.pipe(
          Effect.map((rows) => rows.map(toState)),
          Effect.orDie
        )

      const stage = Effect.fn("Sources.stage")(function* <O extends Observation>(reading: {
        readonly integrationId: string
        readonly observation: O
        readonly value: Observed[O]
        readonly at: string
        readonly odd: OddSummary
        readonly unidentified: ReadonlyArray<string>
        readonly readFrom: string
      }) {
        const id = Number(reading.integrationId)
        const [last] = yield* sql<{ latest: number | null }>`SELECT max(generation) AS latest FROM (
          SELECT generation FROM source_chunks WHERE integration_id = ${id} AND observation = ${reading.observation}
          UNION ALL SELECT generation FROM sources WHERE integration_id = ${id} AND observation = ${reading.observation})`
        const generation = (last?.latest ?? 0) + 1
        const pieces = toPieces(reading.value)
        for (const [position, piece] of pieces.entries()) {
          yield* sql`INSERT INTO source_chunks ${sql.insert({
            integration_id: id,
            observation: reading.observation,
            generation,
            position,
            payload: packPiece(piece)
          })}`
          yield* Effect.yieldNow
        }
        return {
          integrationId: reading.integrationId,
          observation: reading.observation,
          generation,
          entries: Array.isArray(reading.value) ? reading.value.length : 1,
          at: reading.at,
          odd: reading.odd,
          unidentified: reading.unidentified,
          readFrom: reading.readFrom
        }
      }, Effect.orDie)

      const pieces = Effect.fnUntraced(function* (
        integrationId: string,
        observation: Observation,
        generation: number,
        use: (entries: ReadonlyArray<unknown>) => Effect.Effect<void>
      ) {
        for (let position = 0; ; position++) {
          const [row] = yield* sql<{ payload: string }>`SELECT payload FROM source_chunks
            WHERE integration_id = ${Number(integrationId)} AND observation = ${observation}
            AND generation = ${generation} AND position = ${position}`
          if (row === undefined) return position > 0
          const place = { integrationId, observation, generation, position }
          yield* use(yield* Effect.fromResult(readPiece(place, row.payload)))
          yield* Effect.yieldNow
        }
      }, Effect.orDie)

      const accept = Effect.fn("Sources.accept")(function* (readings: ReadonlyArray<StagedReading>) {
        for (const reading of readings) {
          yield* sql`INSERT INTO sources ${sql.insert({
            integration_id: Number(reading.integrationId),
            observation: reading.observation,
            generation: reading.generation,
            status: "ok",
            error: null,
            entries: reading.entries,
            calls: reading.calls,
            observed_at: reading.at,
            attempted_at: reading.at,
            read_from: reading.readFrom,
            held_generation: null,
            held_at: null,
            held_detail: null,
            odd: toJson({ ...reading.odd, unidentified: reading.unidentified } satisfies StoredOdd)
          })} ON CONFLICT (integration_id, observation) DO UPDATE SET generation = excluded.generation, status = 'ok',
            error = NULL, entries = excluded.entries, calls = excluded.calls, observed_at = excluded.observed_at,
            attempted_at = excluded.attempted_at, read_from = excluded.read_from, held_generation = NULL,
            held_at = NULL, held_detail = NULL, odd = excluded.odd`
        }
      }, Effect.orDie)

      const markJoined = Effect.fn("Sources.markJoined")(function* (readings: ReadonlyArray<JoinedReading>) {
        yield* sql`UPDATE sources SET joined_to = NULL WHERE joined_to IS NOT NULL`
        for (const { integrationId, joinedTo, observation } of readings) {
          yield* sql`UPDATE sources SET joined_to = ${joinedTo}
            WHERE integration_id = ${Number(integrationId)} AND observation = ${observation}`
        }
      }, Effect.orDie)

      const mark = (
        integrationId: string,
        observation: Observation,
        at: string,
        values: {
          readonly status: SourceStatus
          readonly error: string | null
          readonly heldGeneration: number | null
          readonly heldAt: string | null
          readonly heldDetail: string | null
        }
      ) => sql`INSERT INTO sources ${sql.insert({
        integration_id: Number(integrationId),
        observation,
        generation: 0,
        status: values.status,
        error: values.error,
        entries: 0,
        calls: 0,
        observed_at: null,
        attempted_at: at,
        held_generation: values.heldGeneration,
        held_at: values.heldAt,
        held_detail: values.heldDetail
      })} ON CONFLICT (integration_id, observation) DO UPDATE SET status = excluded.status, error = excluded.error,
        attempted_at = excluded.attempted_at, held_generation = excluded.held_generation, held_at = excluded.held_at,
        held_detail = excluded.held_detail`

      return Sources.of({
        states: statesFrom(reader),
        statesFrom,
        stage,
        accept,
        markJoined,
        forgetCatalogs: Effect.fn("Sources.forgetCatalogs")(function* (integrationIds: ReadonlyArray<string>) {
          for (const integrationId of integrationIds) {
            yield* sql`DELETE FROM sources WHERE integration_id = ${Number(integrationId)} AND observation = 'catalog'`
          }
        }, Effect.orDie),
        fail: Effect.fn("Sources.fail")(function* (integrationId, failed, error, at) {
          for (const observation of failed) {
            yield* mark(integrationId, observation, at, {
              status: "failed",
              error: toJson(error),
              heldGeneration: null,
              heldAt: null,
              heldDetail: null
            })
          }
        }, Effect.orDie),
        hold: Effect.fn("Sources.hold")(function* (readings, detail, at) {
          for (const reading of readings) {
            yield* mark(reading.integrationId, reading.observation, at, {
              status: "held",
              error: toJson({
                reason: "held",
                detail,
                readFrom: reading.readFrom,
                odd: { ...reading.odd, unidentified: reading.unidentified }
              } satisfies SourceError),
              heldGeneration: reading.generation,
              heldAt: reading.at,
              heldDetail: detail
            })
          }
        }, Effect.orDie),
        discardHeld: Effect.fn("Sources.discardHeld")(function* (integrationId) {
          const error: SourceError = { reason: "held", detail: "the held sync was discarded; sync again" }
          yield* sql`UPDATE sources SET status = 'failed', error = ${toJson(error)}, held_generation = NULL,
            held_at = NULL, held_detail = NULL WHERE integration_id = ${Number(integrationId)} AND status = 'held'`
        }, Effect.orDie),
        read: Effect.fn("Sources.read")(function* <O extends Observation>(
          integrationId: string,
          observation: O,
          generation: number
        ) {
          const entries: Array<unknown> = []
          const found = yield* pieces(integrationId, observation, generation, (piece) =>
            Effect.sync(() => {
              for (const entry of piece) entries.push(entry)
            })
          )
          // Data that `stage` wrote from an `Observed[O]` has this type when it is read back; its outline was checked.
          return (observation === "disks" ? (entries[0] ?? null) : found ? entries : null) as Observed[O] | null
        }),
        eachPiece: (integrationId, observation, generation, use) =>
          pieces(integrationId, observation, generation, (piece) =>
            // As in `read`.
            use(piece as Observed[typeof observation])
          ).pipe(Effect.withSpan("Sources.eachPiece")),
        forget: (integrationId, unread) =>
          unread.length === 0
            ? Effect.void
            : sql`DELETE FROM sources
                WHERE integration_id = ${Number(integrationId)} AND ${sql.in("observation", unread)}`.pipe(
                Effect.asVoid,
                Effect.orDie
              ),
        sweep: sql`DELETE FROM source_chunks WHERE EXISTS (SELECT 1 FROM sources s
          WHERE s.integration_id = source_chunks.integration_id AND s.observation = source_chunks.observation
          AND source_chunks.generation < ${larger(sql, "s.generation", "coalesce(s.held_generation, 0)")}
          AND source_chunks.generation NOT IN (s.generation, coalesce(s.held_generation, 0)))`.pipe(
          Effect.asVoid,
          Effect.orDie
        ),
        sweepStaged: sql`DELETE FROM source_chunks WHERE NOT EXISTS (SELECT 1 FROM sources s
          WHERE s.integration_id = source_chunks.integration_id AND s.observation = source_chunks.observation
          AND source_chunks.generation IN (s.generation, coalesce(s.held_generation, 0)))`.pipe(
          Effect.asVoid,
          Effect.orDie
        )
      })
    })
  )
}

/** An empty reading is stored as one empty piece, to distinguish it from no reading. */
const toPieces = (value: unknown): ReadonlyArray<ReadonlyArray<unknown>> => {
  if (!Array.isArray(value)) return [[value]]
  if (value.length === 0) return [[]]
  return Array.from({ length: Math.ceil(value.length / chunkSize) }, (_, piece) =>
    value.slice(piece * chunkSize, (piece + 1) * chunkSize)
  )
}
