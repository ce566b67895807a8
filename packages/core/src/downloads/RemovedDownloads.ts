/**
 * Which downloads rules have removed, by title: so that a title whose releases always fail is not fetched and removed for
 * ever, whoever has it fetched, and so that its replacement is searched for once in a while.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { ActState } from "../acts/ActRecord.ts"
import type { QueueTarget } from "../integrations/QueueCapability.ts"
import { toJson } from "../storage/Rows.ts"
import { documentColumn, readableRows, rowFormat } from "../storage/StoredRows.ts"
import { QueueTargetSchema } from "./DownloadSchema.ts"
import { type Downloading, ownerOf } from "./Downloading.ts"

export interface RemovedTitle {
  readonly actId: string
  readonly titleKey: string
  readonly title: string
  readonly ownerId: string | null
  readonly targets: ReadonlyArray<QueueTarget>
  readonly search: boolean
  readonly plannedAt: string
  readonly removedAt: string | null
}

const format = rowFormat({
  table: "removed_downloads",
  id: ["act_id"],
  columns: {
    act_id: Schema.Int,
    title_key: Schema.String,
    title: Schema.String,
    owner_id: Schema.NullOr(Schema.Int),
    search: Schema.BooleanFromBit,
    planned_at: Schema.String,
    removed_at: Schema.NullOr(Schema.String)
  },
  documents: { targets: documentColumn(Schema.Array(QueueTargetSchema)) }
})

/** The time within which removals of one title are counted. */
export const weekMillis = 7 * 86_400_000

/** Identifies what a download is for: the movie, the season, the album, the book; its name if no application knows it. */
export const titleKeyOf = (one: Downloading): string => {
  const owner = ownerOf(one)
  if (owner === null || owner.targets.length === 0) return `name/${one.download.name.toLowerCase()}`
  const parts = owner.targets.map(({ kind, partId, seasonNumber, wholeId }) =>
    kind === "episode" ? `${wholeId}:s${seasonNumber ?? "?"}` : partId === undefined ? wholeId : `${wholeId}:${partId}`
  )
  return `${owner.integrationId}/${[...new Set(parts)].toSorted().join(",")}`
}

export const makeRemovedDownloads = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const read = (rows: Effect.Effect<ReadonlyArray<object>, unknown>) =>
    Effect.map(
      Effect.flatMap(Effect.orDie(rows), (found) => readableRows(format, found)),
      (found) =>
        found.map((row): RemovedTitle => ({
          actId: String(row.act_id),
          titleKey: row.title_key,
          title: row.title,
          ownerId: row.owner_id === null ? null : String(row.owner_id),
          targets: row.targets,
          search: row.search,
          plannedAt: row.planned_at,
          removedAt: row.removed_at
        }))
    )

  return {
    /** In the transaction that plans the act. */
    plan: (actId: string, one: Downloading, search: boolean, at: string) => {
      const owner = ownerOf(one)
      return Effect.asVoid(
        Effect.orDie(
          sql`INSERT INTO removed_downloads ${sql.insert({
            act_id: Number(actId),
            title_key: titleKeyOf(one),
            title: one.download.name,
            owner_id: owner === null ? null : Number(owner.integrationId),
            targets: toJson(owner?.targets ?? []),
            search: search ? 1 : 0,
            planned_at: at
          })}`
        )
      )
    },
    /** How often downloads of a title were removed, or planned to be, since a time. */
    countSince: (titleKey: string, since: string) =>
      Effect.map(
        Effect.orDie(sql<{ readonly n: number }>`SELECT count(*) AS n FROM removed_downloads
          WHERE title_key = ${titleKey} AND planned_at >= ${since}`),
        ([row]) => row?.n ?? 0
      ),
    /** Those whose act has not ended yet as far as this table knows. */
    pending: read(sql`SELECT * FROM removed_downloads WHERE removed_at IS NULL ORDER BY act_id`),
    /** The act has ended: it is removed, or was not, and then does not count. */
    conclude: (actId: string, state: ActState, at: string) =>
      Effect.asVoid(
        Effect.orDie(
          state === "done"
            ? sql`UPDATE removed_downloads SET removed_at = ${at} WHERE act_id = ${Number(actId)}`
            : sql`DELETE FROM removed_downloads WHERE act_id = ${Number(actId)}`
        )
      ),
    /** Removed ones for which another release is to be searched. */
    toSearch: read(
      sql`SELECT * FROM removed_downloads WHERE search = 1 AND removed_at IS NOT NULL AND searched_at IS NULL ORDER BY act_id`
    ),
    /** When a title was last searched for; `null` = never. */
    lastSearch: (titleKey: string) =>
      Effect.map(
        Effect.orDie(sql<{ readonly at: string | null }>`SELECT max(searched_at) AS at FROM removed_downloads
          WHERE title_key = ${titleKey} AND search_result = 'searched'`),
        ([row]) => row?.at ?? null
      ),
    /** Written before the search is started: one whose answer is lost is not started again. */
    searched: (actId: string, result: "searched" | "not-wanted", at: string) =>
      Effect.asVoid(
        Effect.orDie(sql`UPDATE removed_downloads SET searched_at = ${at}, search_result = ${result}
          WHERE act_id = ${Number(actId)}`)
      ),
    prune: (before: string) =>
      Effect.asVoid(
        Effect.orDie(sql`DELETE FROM removed_downloads WHERE planned_at < ${before} AND removed_at IS NOT NULL`)
      )
  }
})
