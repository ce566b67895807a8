/** The links of downloads: in memory, with their rows in the database. */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../../storage/Database.ts"
import { repeatable } from "../../storage/Durability.ts"
import { toJson } from "../../storage/Rows.ts"
import { documentColumn, readableRows, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"
import type { Downloading } from "../Downloading.ts"
import { DownloadLinks, filesSignOf, LinkReading } from "./DownloadLinks.ts"

const format = rowFormat({
  table: "download_links",
  id: ["download_id"],
  columns: { download_id: Schema.Int, sign: Schema.String },
  documents: { reading: documentColumn(LinkReading), links: documentColumn(DownloadLinks) }
})

/** `sign` differs if other files belong to the download. */
export interface StoredLinks {
  readonly sign: string
  readonly reading: LinkReading
  readonly links: DownloadLinks
}

/** What is read of the links of each download, by the id of the stored download. */
export const loadLinks = Effect.gen(function* () {
  const reader = yield* ReadSql
  const rows = yield* readableRows(
    format,
    yield* Effect.orDie(reader`SELECT l.* FROM download_links l JOIN downloads d ON d.id = l.download_id
      WHERE d.gone_at IS NULL`)
  )
  return new Map(
    rows.map(({ download_id, links, reading, sign }) => [String(download_id), { sign, reading, links }] as const)
  )
})

/** Adds what is known of the links of each download, unless other files belong to it by now. */
export const withLinks = (
  all: ReadonlyArray<Downloading>,
  known: ReadonlyMap<string, StoredLinks>
): ReadonlyArray<Downloading> =>
  known.size === 0
    ? all
    : all.map((one) => {
        const stored = known.get(one.id)
        return stored === undefined || stored.sign !== filesSignOf(one.download) ? one : { ...one, links: stored.links }
      })

export class LinkStore extends Context.Service<
  LinkStore,
  {
    readonly all: Effect.Effect<ReadonlyMap<string, StoredLinks>>
    /** Differs after each change. */
    readonly revision: () => number
    readonly write: (some: ReadonlyMap<string, StoredLinks>) => Effect.Effect<void>
    /** Forgets all but these. */
    readonly keepOnly: (ids: ReadonlySet<string>) => Effect.Effect<void>
  }
>()("tendarr/downloads/LinkStore") {
  static readonly layer = Layer.effect(
    LinkStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const transact = transacting(sql)
      let kept: Map<string, StoredLinks> | null = null
      let revision = 0

      const all = Effect.suspend(() =>
        kept === null
          ? Effect.map(Effect.provideService(loadLinks, ReadSql, reader), (loaded) => (kept ??= loaded))
          : Effect.succeed(kept)
      )

      return LinkStore.of({
        all,
        revision: () => revision,
        write: Effect.fn("LinkStore.write")(function* (some) {
          const known = yield* all
          yield* transact(
            Effect.forEach(
              some,
              ([id, { links, reading, sign }]) => {
                const row = { sign, reading: toJson(reading), links: toJson(links) }
                return sql`INSERT INTO download_links ${sql.insert({ download_id: Number(id), ...row })}
                  ON CONFLICT (download_id) DO UPDATE SET ${sql.update(row)}`
              },
              { discard: true }
            )
          )
          for (const [id, one] of some) known.set(id, one)
          revision++
        }, repeatable),
        keepOnly: (ids) =>
          Effect.map(all, (known) => {
            for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
          })
      })
    })
  )
}
