/** Strikes with the downloads that got them, also of downloads that have left their clients. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { likeAnyCase } from "../storage/Dialect.ts"
import type { CountedPage, Window } from "../storage/Pages.ts"
import { becauseRemoved } from "./StrikeStore.ts"

export interface DatedStrike {
  readonly id: string
  readonly downloadId: string
  /** Id of the download in its client: an info hash, or the id of an NZB. */
  readonly clientId: string
  readonly name: string
  readonly fault: string
  readonly because: string
  readonly doneBytes: number
  readonly at: string
  /** `null` = it counts. */
  readonly endedAt: string | null
  readonly endedBecause: string | null
}

export interface StruckDownload {
  readonly downloadId: string
  readonly clientId: string
  readonly name: string
  /** When it left its client; `null` = it is there. */
  readonly goneAt: string | null
  /** Whether strikes of it ended because a rule removed it. */
  readonly isRemoved: boolean
  /** Newest first. */
  readonly strikes: ReadonlyArray<DatedStrike>
}

export interface StruckQuery {
  /** Part of the name, in any case. */
  readonly search?: string | undefined
  /** Only downloads with a strike for one of these faults. */
  readonly faults?: ReadonlyArray<string> | undefined
}

interface Row {
  readonly id: number
  readonly downloadId: number
  readonly clientId: string
  readonly name: string
  readonly fault: string
  readonly because: string
  readonly doneBytes: number
  readonly at: string
  readonly endedAt: string | null
  readonly endedBecause: string | null
}

const strikeOf = (row: Row): DatedStrike => ({ ...row, id: String(row.id), downloadId: String(row.downloadId) })

export const makeStrikeReader = (read: SqlClient.SqlClient) => {
  const columns = read.literal(
    `s.id AS id, s.download_id AS "downloadId", d.client_id AS "clientId", d.name AS name, s.fault AS fault,
      s.because AS because, s.done_bytes AS "doneBytes", s.at AS at, s.ended_at AS "endedAt",
      s.ended_because AS "endedBecause"`
  )

  const recentStrikes = (since: string | null, limit: number) =>
    Effect.map(
      Effect.orDie(
        read<Row>`SELECT ${columns} FROM strikes s JOIN downloads d ON d.id = s.download_id
          WHERE s.at >= ${since ?? ""} ORDER BY s.at DESC, s.id DESC LIMIT ${limit}`
      ),
      (rows) => rows.map(strikeOf)
    )

  const struck = Effect.fn("DownloadStats.struck")(function* (
    { faults, search }: StruckQuery,
    { limit, offset }: Window
  ): Effect.fn.Return<CountedPage<StruckDownload>> {
    const conditions = read.and([
      read`1 = 1`,
      ...(search === undefined || search === "" ? [] : [likeAnyCase(read, "d.name", search)]),
      ...(faults === undefined ? [] : [faults.length === 0 ? read`1 = 0` : read.in("s.fault", faults)])
    ])
    const from = read`FROM strikes s JOIN downloads d ON d.id = s.download_id WHERE ${conditions}`
    const [counted] = yield* Effect.orDie(
      read<{ readonly total: number }>`SELECT count(DISTINCT d.id) AS total ${from}`
    )
    const downloads = yield* Effect.orDie(
      read<{
        readonly id: number
        readonly clientId: string
        readonly name: string
        readonly goneAt: string | null
      }>`SELECT d.id AS id, d.client_id AS "clientId", d.name AS name, d.gone_at AS "goneAt", max(s.id) AS last
        ${from} GROUP BY d.id, d.client_id, d.name, d.gone_at ORDER BY last DESC LIMIT ${limit} OFFSET ${offset}`
    )
    const rows =
      downloads.length === 0
        ? []
        : yield* Effect.orDie(
            read<Row>`SELECT ${columns} FROM strikes s JOIN downloads d ON d.id = s.download_id
              WHERE ${read.in(
                "s.download_id",
                downloads.map(({ id }) => id)
              )} ORDER BY s.id DESC`
          )
    return {
      items: downloads.map(({ clientId, goneAt, id, name }) => {
        const own = rows.filter(({ downloadId }) => downloadId === id)
        const isRemoved = own.some(({ endedBecause }) => endedBecause === becauseRemoved)
        return { downloadId: String(id), clientId, name, goneAt, isRemoved, strikes: own.map(strikeOf) }
      }),
      total: counted?.total ?? 0,
      offset,
      limit
    }
  })

  return { recentStrikes, struck }
}
