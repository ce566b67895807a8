/** Where the files of downloads were that have left their clients lately: a client may have lost them for a moment only. */
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { documentColumn, readableRows, rowFormat } from "../../storage/StoredRows.ts"
import { DownloadSchema } from "../DownloadSchema.ts"
import type { ToCommon } from "./ClientPaths.ts"

const format = rowFormat({
  table: "downloads",
  columns: { id: Schema.Int, integration_id: Schema.Int },
  documents: { download: documentColumn(DownloadSchema) }
})

export const goneContents = Effect.fnUntraced(function* (
  reader: SqlClient.SqlClient,
  since: string,
  toCommon: ToCommon
) {
  const rows = yield* readableRows(
    format,
    yield* Effect.orDie(reader`SELECT id, integration_id, download FROM downloads WHERE gone_at >= ${since}`)
  )
  return rows.flatMap(({ download: { contentPath, name, savePath }, integration_id }) =>
    [contentPath, savePath === null ? null : `${savePath}/${name}`].flatMap((at) =>
      at === null ? [] : [toCommon(String(integration_id), at)]
    )
  )
})
