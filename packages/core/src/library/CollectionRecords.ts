/**
 * What the applications know about collections besides their items: a description, an image, and which members are
 * missing. Read after every sync, and on demand; an application that does not answer keeps what was read last.
 */
import { Context, Effect, Layer, Result, Schema, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import type { CollectionRecord } from "../integrations/CollectionCapability.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import { nowIso } from "../problems/Instants.ts"
import { ReadSql } from "../storage/Database.ts"
import { toJson } from "../storage/Rows.ts"
import { readDocument } from "../storage/StoredDocuments.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import type { HeldEntry } from "./Holders.ts"

/** A movie of a collection that no application of the library has. */
export const MissingMember = Schema.Struct({
  tmdbId: Schema.Int,
  title: Schema.String,
  year: Schema.NullOr(Schema.Int)
}).annotate({ identifier: "MissingMember" })
export type MissingMember = typeof MissingMember.Type

export const CollectionSync = Schema.Struct({
  integrations: Schema.Array(
    Schema.Struct({
      integrationId: Schema.String,
      name: Schema.String,
      calls: Schema.Int,
      collections: Schema.Int.annotate({ description: "How many it has; 0 if it could not be read." }),
      detail: Schema.NullOr(Schema.String).annotate({ description: "Why it could not be read." })
    })
  )
}).annotate({ identifier: "CollectionSync" })
export type CollectionSync = typeof CollectionSync.Type

/** What is known about one collection, over all applications. */
export interface CollectionAbout {
  readonly tmdbId: number | null
  readonly overview: string | null
  /** Members that an application does not have; another one may. `null` = no application knows. */
  readonly missing: ReadonlyArray<MissingMember> | null
  /** Where its image may be. */
  readonly entries: ReadonlyArray<HeldEntry>
  /** The oldest of the readings. */
  readonly readAt: string
}

export class CollectionRecords extends Context.Service<
  CollectionRecords,
  {
    /** Reads the collections of these integrations, by default of all. */
    readonly sync: (integrationIds?: ReadonlyArray<string>) => Effect.Effect<CollectionSync>
    /** By title. */
    readonly all: Effect.Effect<ReadonlyMap<string, CollectionAbout>>
  }
>()("tendarr/library/CollectionRecords") {
  static readonly layer = Layer.effect(
    CollectionRecords,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const transact = transacting(sql)
      const integrations = yield* Integrations
      const single = yield* Semaphore.make(1)

      const readOne = Effect.fnUntraced(function* (one: LiveIntegration, read: NonNullable<Reads>) {
        const { id: integrationId, name } = one.integration
        const before = yield* one.calls
        const found = yield* Effect.result(read)
        const calls = (yield* one.calls) - before
        if (Result.isFailure(found)) {
          yield* Effect.logWarning(`The collections of ${name} could not be read: ${found.failure.message}`)
          return { integrationId, name, calls, collections: 0, detail: found.failure.message }
        }
        const at = yield* nowIso
        const rows = [...new Map(found.success.map((record) => [record.key, record])).values()]
        yield* transact(
          Effect.gen(function* () {
            yield* sql`DELETE FROM collection_records WHERE integration_id = ${Number(integrationId)}`
            for (const { key, title, ...data } of rows) {
              yield* sql`INSERT INTO collection_records ${sql.insert({
                integration_id: Number(integrationId),
                key,
                title,
                data: toJson(data),
                read_at: at
              })}`
            }
          })
        ).pipe(Effect.orDie)
        return { integrationId, name, calls, collections: rows.length, detail: null }
      })

      return CollectionRecords.of({
        sync: Effect.fn("CollectionRecords.sync")(function* (integrationIds?: ReadonlyArray<string>) {
          const live = (yield* integrations.live).filter(
            ({ integration }) => integrationIds === undefined || integrationIds.includes(integration.id)
          )
          const reports = yield* Effect.forEach(live, (one) => {
            const read = one.can("collections") ? one.connected.collections : undefined
            return read === undefined ? Effect.succeed([]) : Effect.map(readOne(one, read), (report) => [report])
          })
          return { integrations: reports.flat() }
        }, single.withPermits(1)),
        all: Effect.gen(function* () {
          const rows = yield* reader<Row>`SELECT c.* FROM collection_records c JOIN integrations g
            ON g.id = c.integration_id WHERE g.deleted_at IS NULL AND g.enabled = 1 ORDER BY c.integration_id, c.key`
          const byTitle = new Map<string, CollectionAbout>()
          for (const row of rows) {
            const read = readDocument(format, `${row.integration_id}/${row.key}`, row.data)
            // It is read again with the next sync.
            if (Result.isFailure(read)) continue
            const before = byTitle.get(row.title)
            byTitle.set(row.title, before === undefined ? aboutOf(row, read.success) : both(before, row, read.success))
          }
          return byTitle
        }).pipe(Effect.orDie, Effect.withSpan("CollectionRecords.all"))
      })
    })
  )
}

type Reads = LiveIntegration["connected"]["collections"]

interface Row {
  readonly integration_id: number
  readonly key: string
  readonly title: string
  readonly data: string
  readonly read_at: string
}

const Data = Schema.Struct({
  tmdbId: Schema.NullOr(Schema.Int),
  overview: Schema.NullOr(Schema.String),
  missing: Schema.NullOr(Schema.Array(MissingMember))
}) satisfies Schema.Codec<Omit<CollectionRecord, "key" | "title">, unknown>

const format = documentFormat("collection_records", "data", Data)

const aboutOf = ({ integration_id, key, read_at }: Row, data: typeof Data.Type): CollectionAbout => ({
  ...data,
  entries: [{ integrationId: String(integration_id), kind: "collection", key }],
  readAt: read_at
})

const both = (before: CollectionAbout, row: Row, data: typeof Data.Type): CollectionAbout => {
  const { entries, missing, readAt } = aboutOf(row, data)
  return {
    tmdbId: before.tmdbId ?? data.tmdbId,
    overview: before.overview ?? data.overview,
    missing: before.missing === null || missing === null ? (before.missing ?? missing) : union(before.missing, missing),
    entries: [...before.entries, ...entries],
    readAt: readAt < before.readAt ? readAt : before.readAt
  }
}

const union = (one: ReadonlyArray<MissingMember>, other: ReadonlyArray<MissingMember>) => [
  ...new Map([...one, ...other].map((member) => [member.tmdbId, member])).values()
]
